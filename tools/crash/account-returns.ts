// Check of the returns of one order that has ended: their part of its stream against their part of the ledger. Pure; it
// knows no crash point.
//
// crash-returns.R1  A return is authorised, received, inspected, refunded, restocked and closed, or rejected before its
//   inspection. All of it comes behind the end of an order that is completed.
// crash-returns.R2  What the inspection fixed is given back and put on the shelf once, in full, and by nothing else; a
//   rejected return has no effect.
// crash-returns.R3  S16: an order gives back no more than was charged.
import { isDeepStrictEqual } from 'node:util';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { OrderHead } from '../../src/domain/order';
import { paymentIndex } from '../../src/domain/payments';
import { returnsOf, type ReturnState } from '../../src/domain/return-state';
import { isOfReturn } from './end';
import type { Effect } from './system';

interface Returned {
  readonly order: OrderHead;
  readonly stream: readonly EventEnvelope[];
  readonly effects: readonly Effect[];
}

/** One letter per event of a return. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ ReturnRequested: 'q', ReturnAuthorised: 'h', ReturnReceived: 'v', ReturnInspected: 'i' },
  ...{ ReturnRefunded: 'f', ReturnRestocked: 's', ReturnRejected: 'j', ReturnClosed: 'c' },
};
const LEGAL = /^q(?:j|h(?:j|v(?:j|if+s?c)))$/;

const returnNumberOf = ({ data }: EventEnvelope): number | undefined =>
  'returnNumber' in data ? data.returnNumber : undefined;

/** What of a stream tells of the order itself. */
export const ordersOwn = (stream: readonly EventEnvelope[]): readonly EventEnvelope[] =>
  stream.filter((event) => returnNumberOf(event) === undefined);

/** Everything that is wrong with the returns of an order; empty when all adds up, and when it has none. */
export function returnProblems({ order, stream, effects }: Returned): readonly string[] {
  const own = effects.filter(isOfReturn);
  const keys = returnsOf(order).map(({ number }) => keyOf(order, number));
  const stray = own.filter(({ key }) => !keys.some((one) => key.startsWith(one)));
  const sum = (name: string): number =>
    effects.reduce((all, { effect, amount = 0 }) => all + (effect === name ? amount : 0), 0);
  const [first = -1] = stream.flatMap((event, index) => (returnNumberOf(event) === undefined ? [] : [index]));
  const isBehindEnd = first < 0 || stream.slice(0, first).at(-1)?.type === 'OrderCompleted';
  return [
    ...(isBehindEnd ? [] : ['something comes back before the order is completed']),
    ...stray.map(({ effect, key }) => `${effect} of no return: ${key}`),
    ...(sum('refunded') > sum('charged') ? ['more is given back than was charged'] : []),
    ...returnsOf(order).flatMap((one) => problemsOf({ order, stream, effects: own }, one)),
  ];
}

/** A line of the ledger names the charge of which something is given back. */
const transactionOf = ({ payments }: OrderHead, charge: string): string | null =>
  payments[paymentIndex(charge)]?.transactionId ?? null;

const keyOf = ({ orderId }: OrderHead, number: number): string => `${orderId}:return:${number}:`;

function problemsOf({ order, stream, effects }: Returned, one: ReturnState): readonly string[] {
  const { number, status, refunds, lines } = one;
  const events = stream.filter((event) => returnNumberOf(event) === number);
  const written = events.map(({ type }) => LETTERS[type] ?? '?').join('');
  const own = effects.filter(({ key }) => key.startsWith(keyOf(order, number)));
  const done = (name: string) => own.filter(({ effect }) => effect === name);
  const isClosed = status === 'closed';
  const pieces = isClosed ? lines.reduce((sum, { accepted, damaged }) => sum + accepted - damaged, 0) : 0;
  const compare = (what: string, is: unknown, should: unknown): readonly string[] =>
    isDeepStrictEqual(is, should)
      ? []
      : [`return ${number}, ${what}: ${JSON.stringify(is)}, by the stream ${JSON.stringify(should)}`];
  return [
    ...(LEGAL.test(written)
      ? []
      : [`no return writes this stream: ${events.map(({ type }) => type).join(', ')}`]),
    ...compare(
      'given back',
      done('refunded').map(({ amount, reference }) => [amount, reference]),
      isClosed ? refunds.map(({ amountMinor, charge }) => [amountMinor, transactionOf(order, charge)]) : [],
    ),
    ...compare(
      'restocked',
      done('restocked').map(({ quantity }) => quantity),
      pieces > 0 ? [pieces] : [],
    ),
  ];
}
