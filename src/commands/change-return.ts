// Commands on one return of an order: its parcel was received, it was inspected, it is cancelled. Each is a fact in the
// order's stream before it wakes the saga of the return (S15). Called by the routes below POST /api/orders/{id}/returns/{n}.
import { aboutOrder } from '../ports/log';
import { type OrderHead } from '../domain/order';
import { takenFacts } from '../domain/order-rules';
import type { OrderFact } from '../domain/order-events';
import type { InspectedLine } from '../domain/return-events';
import { refundFor } from '../domain/return-rules';
import { returnOf, type ReturnState } from '../domain/return-state';
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { openStream } from '../events/order-stream';
import type { FieldError } from '../validation';
import type { ReturnPorts } from './request-return';

export interface ReturnChange {
  readonly scope: Scope;
  readonly orderId: string;
  readonly returnNumber: number;
  /** Who says so, for the audit trail. */
  readonly by: string;
}

/** `wrongStatus`: the return has gone on, or not as far yet. What was said before is said again with the same answer. */
export type Changed =
  | { readonly kind: 'accepted'; readonly order: OrderHead; readonly found: ReturnState }
  | { readonly kind: 'wrongStatus'; readonly found: ReturnState }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'notFound' };

/** The parcel is there. One that comes after the return was rejected is recorded, and an operator is asked. */
export function receiveReturn(ports: ReturnPorts, change: ReturnChange): Promise<Changed> {
  const { returnNumber, by } = change;
  const received: OrderFact = { type: 'ReturnReceived', data: { returnNumber, receivedBy: by } };
  return changeReturn(ports, change, {
    isSaid: ({ receivedAt }) => receivedAt !== null,
    facts: (_order, { status }) =>
      status === 'rejected' ? [received, lateParcel(returnNumber)] : [received],
  });
}

function lateParcel(returnNumber: number): OrderFact {
  const reason =
    'the parcel came after the return was rejected: request a return of the same items for it, or send it back';
  const record = { step: 'AwaitParcel', attempts: 0, lastError: null };
  return {
    type: 'InterventionOpened',
    data: { ...record, code: 'RETURN_FAILED', detailCode: 'PARCEL_AFTER_END', reason, returnNumber },
  };
}

export interface Inspection extends ReturnChange {
  readonly items: readonly InspectedLine[];
}

/**
 * What was found in the parcel. It fixes what is given back, and from which charges; where nothing was accepted, the return is
 * rejected.
 */
export function inspectReturn(ports: ReturnPorts, inspection: Inspection): Promise<Changed> {
  const { returnNumber, by, items } = inspection;
  return changeReturn(ports, inspection, {
    isSaid: (found) => found.amountMinor !== null && isSameInspection(found, items),
    errors: (found) => wrongItems(found, items),
    facts: (order, found) => {
      const promise = refundFor(order, found, items);
      const inspected: OrderFact = {
        type: 'ReturnInspected',
        data: { returnNumber, inspectedBy: by, lines: items, ...promise },
      };
      return items.some(({ accepted }) => accepted > 0)
        ? [inspected]
        : [inspected, rejection(returnNumber, 'failed', 'NOTHING_ACCEPTED', 'nothing of it was accepted')];
    },
  });
}

function isSameInspection({ lines }: ReturnState, items: readonly InspectedLine[]): boolean {
  return lines.every(({ productId, accepted, damaged }) => {
    const item = items.find((one) => one.productId === productId);
    return (item?.accepted ?? 0) === accepted && (item?.damaged ?? 0) === damaged;
  });
}

function wrongItems({ lines }: ReturnState, items: readonly InspectedLine[]): readonly FieldError[] {
  return items.flatMap(({ productId, accepted, damaged }, index) => {
    const quantity = lines.find((line) => line.productId === productId)?.quantity;
    if (quantity === undefined)
      return [{ path: `items[${index}].productId`, message: 'is not a product of the return' }];
    if (accepted > quantity)
      return [
        { path: `items[${index}].accepted`, message: `must be at most ${quantity}: so many were returned` },
      ];
    return damaged > accepted
      ? [{ path: `items[${index}].damaged`, message: `must be at most ${accepted}: so many were accepted` }]
      : [];
  });
}

/** The customer keeps the goods. Until the inspection has accepted something. */
export function cancelReturn(ports: ReturnPorts, change: ReturnChange): Promise<Changed> {
  const { returnNumber } = change;
  return changeReturn(ports, change, {
    isSaid: ({ rejection: why }) => why?.kind === 'cancelled',
    facts: () => [rejection(returnNumber, 'cancelled', 'CANCEL_REQUESTED', 'the return was cancelled')],
  });
}

function rejection(
  returnNumber: number,
  kind: 'failed' | 'cancelled',
  detailCode: string,
  reason: string,
): OrderFact {
  const failure = { kind, code: 'RETURN_REJECTED', detailCode, reason };
  return { type: 'ReturnRejected', data: { ...failure, returnNumber } };
}

interface Change {
  /** Whether the stream says so already. */
  readonly isSaid: (found: ReturnState) => boolean;
  readonly errors?: (found: ReturnState) => readonly FieldError[];
  readonly facts: (order: OrderHead, found: ReturnState) => readonly OrderFact[];
}

async function changeReturn(
  ports: ReturnPorts,
  { scope, orderId, returnNumber, by }: ReturnChange,
  { isSaid, errors = () => [], facts }: Change,
): Promise<Changed> {
  const stored = await ports.orders.read(scope, orderId);
  const before = stored && returnOf(stored.order, returnNumber);
  if (stored === undefined || before === undefined) return { kind: 'notFound' };
  const wrong = errors(before);
  if (wrong.length > 0) return { kind: 'invalid', errors: wrong };
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: by,
    key: null,
    facts: (order) => {
      const now = returnOf(order, returnNumber);
      if (now === undefined || isSaid(now)) return [];
      const all = facts(order, now);
      return takenFacts(order, all).length === all.length ? all : [];
    },
  });
  const order = stream.order();
  const found = returnOf(order, returnNumber) ?? before;
  if (result === 'nothing' && !isSaid(found)) return { kind: 'wrongStatus', found };
  if (result === 'appended') tellOperator(ports, order, returnNumber, stream.events());
  await wake(ports, order, returnNumber);
  return { kind: 'accepted', order, found };
}

function tellOperator(
  { log }: ReturnPorts,
  order: OrderHead,
  returnNumber: number,
  events: readonly OrderFact[],
): void {
  const last = events.at(-1);
  if (last?.type !== 'InterventionOpened') return;
  const { reason } = last.data;
  log.error('manual intervention required', { ...aboutOrder(order), returnNumber, reason });
}

async function wake(
  { returnSagas, log }: ReturnPorts,
  order: OrderHead,
  returnNumber: number,
): Promise<void> {
  try {
    await returnSagas.wake(order.orderId, returnNumber);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('return saga not woken', { ...aboutOrder(order), returnNumber, error: error.message });
  }
}
