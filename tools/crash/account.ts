// Check of one order that has ended, whatever was killed on its way: its stream against the services' ledger, exactly,
// and both against what they held before the kill. Pure; it knows no crash point and no permitted end.
//
// crash-account.A1  The stream is one of those that the saga's table can write, and what is recorded is what was done.
// crash-account.A2  Money and stock: an order that shipped keeps its effects; any other has each undone once, but for
//   what an operator has been asked to settle.
// crash-account.A3  A cancel that was accepted is in the stream and ends the order; one that was refused is not there.
//   So does one that a person has rejected; what returns do is in account-returns.ts.
// crash-account.A4  Nothing that could be seen before the kill is gone after it.
import { isDeepStrictEqual } from 'node:util';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { needsShipping, type OrderHead } from '../../src/domain/order';
import { isSplit } from '../../src/domain/payments';
import { ordersOwn } from './account-returns';
import { isOfReturn } from './end';
import type { Effect } from './system';

/** What could be seen of an order at one moment. */
export interface Seen {
  readonly stream: readonly EventEnvelope[];
  readonly effects: readonly Effect[];
}

export interface Account extends Seen {
  readonly order: OrderHead;
  /** At the last look before the kill; null when nothing was killed. */
  readonly before: Seen | null;
  /** What the customer's cancel was answered with; undefined when there was none, or no answer. */
  readonly cancelAnswer: number | undefined;
}

/** What an entry of a step that can be undone does, the event that records it, and what undoes it. */
interface Step {
  readonly step: string;
  readonly event: string;
  readonly does: string;
  readonly undo: string;
}

const RESERVE = {
  step: 'ReserveInventory',
  event: 'StockReserved',
  does: 'stockReserved',
  undo: 'stockReleased',
};
const COUPON = {
  step: 'ApplyCoupon',
  event: 'CouponApplied',
  does: 'couponRedeemed',
  undo: 'couponCancelled',
};
const PAY = { step: 'ProcessPayment', event: 'PaymentProcessed', does: 'charged', undo: 'refunded' };
const SHIP = {
  ...{ step: 'CreateShipment', event: 'ShipmentCreated' },
  ...{ does: 'shipmentCreated', undo: 'shipmentCancelled' },
};
const DONE = [RESERVE.event, COUPON.event, PAY.event, SHIP.event, 'StockConfirmed'];
const UNDONE = ['StockReleased', 'CouponCancelled', 'PaymentRefunded', 'ShipmentCancelled'];

/** The entries of an order: one per part of a split payment. */
function stepsOf({ payments }: OrderHead): readonly Step[] {
  const pays = isSplit(payments)
    ? payments.map((_, index) => ({ ...PAY, step: `${PAY.step}:${index + 1}` }))
    : [PAY];
  return [RESERVE, COUPON, ...pays, SHIP];
}

/** What was done for an entry and undone; all entries act under keys of their own. */
const effectsFor = ({ order, effects }: Pick<Account, 'order' | 'effects'>, { step, does, undo }: Step) =>
  effects.filter(({ effect, key }) => [does, undo].includes(effect) && key === `${order.orderId}:${step}`);

/** Everything that is wrong with the account; empty when all adds up. */
export function accountProblems(account: Account): readonly string[] {
  return [
    ...streamProblems(account),
    ...cancelProblems(account),
    ...effectProblems(account),
    ...stepsOf(account.order).flatMap((step) => stepProblems(account, step)),
    ...sagaProblems(account),
    ...goneProblems(account),
  ];
}

/** One letter per event; a compensation is named by what it undoes, done or failed. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ OrderCreated: 'O', SagaStarted: 'S', StockReserved: 'R', PaymentProcessed: 'P', ShipmentCreated: 'M' },
  ...{ OrderApproved: 'A' },
  ...{ StockConfirmed: 'K', OrderCompleted: 'E', InterventionOpened: 'I', CompensationStarted: 'B' },
  ...{ StockReservationFailed: 'r', PaymentFailed: 'p', ShipmentFailed: 'm', CancelRequested: 'C' },
  ...{ OrderFailed: 'F', OrderCancelled: 'X', CouponApplied: 'D', CouponRejected: 'c' },
  ...{ SplitPaymentProcessed: 'T', StockConfirmationFailed: 'k' },
  ...{ ApprovalRequested: 'Q', ApprovalRejected: 'n' },
};
const UNDO_LETTERS: Readonly<Record<string, string>> = {
  ReserveInventory: 'w',
  ApplyCoupon: 'a',
  ProcessPayment: 'v',
  CreateShipment: 'u',
};

/**
 * All streams of version 1 of the table, without the cancel: never begun; to the end; to the pivot and no further; or
 * back after each number of steps, of which the next may have been recorded as failed, and is undone too if it was done. An
 * order that the warehouse refuses has nothing to go back from. Within the limit the approval is told with the payment. Closing a key has no event (S25).
 */
const LEGAL = /^O(?:BX|S(?:RPA?M(?:KE|I)|(?:r|r?Bw?|Rp?Bv?w|RPA?m?Bu?vw)[FX]))$/;
/** The same of an order with a coupon and a split payment, of which each part may be the last that is done. */
const LEGAL_SPLIT = /^O(?:BX|S(?:RDP+TA?M(?:KE|I)|(?:r|r?Bw?|Rc?Ba?w|RDP*p?Bv*aw|RDP+TA?m?Bu?v+aw)[FX]))$/;
/** The same of an order that needs no carrier: the confirmation decides, and is given up or told, never both. */
const LEGAL_DIGITAL = /^O(?:BX|S(?:RPA?KE|(?:r|r?Bw?|Rp?Bv?w|RPA?k?Bvw)[FX]))$/;
/** The same of an order above the limit, about which a person is asked: approved, it goes on; rejected, it goes back. */
const LEGAL_APPROVAL = /^O(?:BX|S(?:RPQAM(?:KE|I)|(?:r|r?Bw?|Rp?Bv?w|RP(?:Qn?)?Bvw|RPQAm?Bu?vw)[FX]))$/;
/** A cancel comes before the pivot; the step that is under way then may still be recorded as done, and no other. */
const LEGAL_CANCEL = /^O[^M]*C(?!.*[RDP].*[RDP])[^MCK]*X$/;

const stepOfEntry = (entry: string): string => entry.split(':', 1)[0] ?? entry;

function letters(stream: readonly EventEnvelope[]): string {
  return ordersOwn(stream)
    .map(
      ({ type, data }) => ('undoes' in data ? UNDO_LETTERS[stepOfEntry(data.undoes)] : LETTERS[type]) ?? '?',
    )
    .join('');
}

function legalOf(order: OrderHead): RegExp {
  if (isSplit(order.payments)) return LEGAL_SPLIT;
  if (order.approval?.required === true) return LEGAL_APPROVAL;
  return needsShipping(order) ? LEGAL : LEGAL_DIGITAL;
}

function streamProblems({ order, stream }: Account): readonly string[] {
  const written = letters(stream);
  const isLegal = legalOf(order).test(written.replace('C', ''));
  const isLegalCancel = !written.includes('C') || LEGAL_CANCEL.test(written);
  return isLegal && isLegalCancel
    ? []
    : [`no saga writes this stream: ${stream.map(({ type }) => type).join(', ')}`];
}

/** Of a person or the time-out; a saga that could not ask or ran out of time says it of itself, and fails. */
export const isRejection = ({ type, data }: EventEnvelope): boolean =>
  type === 'ApprovalRejected' && 'answeredBy' in data && data.answeredBy !== 'saga';

function cancelProblems({ order, stream, cancelAnswer }: Account): readonly string[] {
  const isRequested = stream.some(({ type }) => type === 'CancelRequested');
  const isRejected = stream.some(isRejection);
  const said = isRejected
    ? 'its approval was rejected'
    : `a cancel was ${isRequested ? '' : 'not '}requested`;
  return [
    ...((isRequested || isRejected) === (order.status === 'cancelled')
      ? []
      : [`it is ${order.status}, and ${said}`]),
    ...(cancelAnswer === 202 && !isRequested ? ['its cancel was accepted and is not in the stream'] : []),
    ...(cancelAnswer === 409 && isRequested ? ['its cancel was refused and is in the stream'] : []),
  ];
}

/** Once each, in full, and the confirmation where the stream has it. */
function effectProblems({ order, stream, effects }: Account): readonly string[] {
  const names = effects.map(({ effect }) => effect);
  const isConfirmed = stream.some(({ type }) => type === 'StockConfirmed');
  return [
    ...(new Set(effects.map(({ effect, key }) => `${effect} ${key}`)).size === names.length
      ? []
      : [`something happened twice: ${names.join(', ')}`]),
    ...(isConfirmed === names.includes('stockConfirmed')
      ? []
      : [`stock is ${isConfirmed ? '' : 'not '}confirmed by the stream, and otherwise by the ledger`]),
    ...effects
      .filter((effect) => !isOfReturn(effect))
      .flatMap(({ effect, amount, quantity }) => [
        ...(amount === undefined || amountsOf(order, effect).includes(amount)
          ? []
          : [`${effect} ${amount} of an order over ${amountsOf(order, effect).join(' and ')}`]),
        ...(quantity === undefined || quantity === order.itemCount
          ? []
          : [`${effect} ${quantity} pieces of an order of ${order.itemCount}`]),
      ]),
  ];
}

/** What a charge, a refund or a discount of the order may be over. */
function amountsOf({ payments, discountMinor }: OrderHead, effect: string): readonly number[] {
  return effect.startsWith('coupon') ? [discountMinor] : payments.map(({ amountMinor }) => amountMinor);
}

/** One entry's record, effect and undoing against each other. */
function stepProblems(account: Account, entry: Step): readonly string[] {
  const { order, stream } = account;
  const { step, event, does, undo } = entry;
  const effects = effectsFor(account, entry);
  const names = effects.map(({ effect }) => effect);
  const record = stream.find(({ type, data }) => type === event && 'step' in data && data.step === step);
  const back = stream.find(({ data }) => 'undoes' in data && data.undoes === step);
  const isGivenUp = back?.type === 'CompensationFailed';
  const pivot = needsShipping(order) ? 'ShipmentCreated' : 'StockConfirmed';
  const isDecided = stream.some(({ type }) => type === pivot);
  const [done, undone] = [names.includes(does), names.includes(undo)];
  const reference = effects.find(({ effect }) => effect === does)?.reference;
  const wrong: readonly (readonly [is: boolean, says: string])[] = [
    [record !== undefined && !done, `${event} is recorded, and its service knows nothing of it`],
    [record !== undefined && referenceOf(record) !== reference, `${event} names another than ${reference}`],
    [undone && names.indexOf(undo) < names.indexOf(does), `${undo} is there without ${does} before it`],
    [undone && back === undefined, `${undo} is recorded nowhere`],
    [back !== undefined && !isGivenUp && !undone, `${undo} is recorded and never happened`],
    [done && !undone && !isDecided && !isGivenUp, `${does} stands, and the order has no ${pivot}`],
    [(undone || back !== undefined) && isDecided, `${step} is undone, and the order has its ${pivot}`],
  ];
  return wrong.flatMap(([is, says]) => (is ? [says] : []));
}

function referenceOf({ data }: EventEnvelope): string | undefined {
  if ('reservationId' in data) return data.reservationId;
  if ('couponId' in data) return data.couponId;
  if ('transactionId' in data) return data.transactionId ?? undefined;
  return 'trackingId' in data ? data.trackingId : undefined;
}

/** Whether an operator is asked although nothing that was done stands: of an order that has shipped never. */
export function isNeedless({ order, effects }: Pick<Account, 'order' | 'effects'>): boolean {
  const stands = stepsOf(order).some((step) => {
    const names = effectsFor({ order, effects }, step).map(({ effect }) => effect);
    return names.includes(step.does) && !names.includes(step.undo);
  });
  return order.saga.needsIntervention && !stands;
}

/** The approval is a step only where somebody was asked. */
const isByPerson = (data: EventEnvelope['data']): boolean => 'automatic' in data && !data.automatic;

/** What the order says of its saga, counted anew from the stream. */
function sagaProblems({ order: { saga }, stream }: Account): readonly string[] {
  const stepsTold = (types: readonly string[]): readonly string[] =>
    stream.flatMap(({ type, data }) =>
      (types.includes(type) || isByPerson(data)) && 'step' in data ? [data.step] : [],
    );
  const undoes = stream.flatMap(({ type, data }) =>
    UNDONE.includes(type) && 'undoes' in data ? [data.undoes] : [],
  );
  const asksOperator = stream.some(({ type }) => ['CompensationFailed', 'InterventionOpened'].includes(type));
  const compare = (what: string, is: unknown, should: unknown): readonly string[] =>
    isDeepStrictEqual(is, should)
      ? []
      : [`${what}: ${JSON.stringify(is)}, by the stream ${JSON.stringify(should)}`];
  return [
    ...compare('completed steps', saga.completedSteps, stepsTold(DONE)),
    ...compare('compensated steps', saga.compensatedSteps, undoes),
    ...compare('an operator is asked', saga.needsIntervention, asksOperator),
  ];
}

function goneProblems({ stream, effects, before }: Account): readonly string[] {
  if (before === null) return [];
  const ids = stream.map(({ eventId, type }) => `${eventId} ${type}`);
  const idsBefore = before.stream.map(({ eventId, type }) => `${eventId} ${type}`);
  const lines = effects.map(({ effect, reference }) => `${effect} ${reference}`);
  const linesBefore = before.effects.map(({ effect, reference }) => `${effect} ${reference}`);
  return [
    ...(isDeepStrictEqual(ids.slice(0, idsBefore.length), idsBefore)
      ? []
      : [`before the kill the stream began with ${idsBefore.join(', ')}`]),
    ...(isDeepStrictEqual(lines.slice(0, linesBefore.length), linesBefore)
      ? []
      : [`before the kill the ledger began with ${linesBefore.join(', ')}`]),
  ];
}
