// Command that requests a return of an order's items: appends ReturnRequested to the order's stream, then starts the saga of
// the return. Called by POST /api/orders/{id}/returns. A saga that cannot be started now is started by the reconciler.
import type { OrderHead } from '../domain/order';
import type { OrderFact, OrderLine } from '../domain/order-events';
import { cannotReturn, returnable } from '../domain/return-rules';
import { returnOf, returnsOf, type ReturnState } from '../domain/return-state';
import { tenantOf, type Scope } from '../domain/scope';
import { TerminalError, TransientError } from '../errors';
import { linesOf } from '../events/placed-order';
import { openStream } from '../events/order-stream';
import { toIso, type Clock } from '../ports/clock';
import type { BodyHash, FieldCipher } from '../ports/field-cipher';
import { aboutOrder, type Log } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { ReturnSagas } from '../ports/return-sagas';
import { RETURN_VERSION } from '../saga/returns/return-saga';
import type { FieldError } from '../validation';

export interface ReturnPorts {
  readonly orders: OrderStore;
  readonly returnSagas: ReturnSagas;
  readonly clock: Clock;
  readonly log: Log;
  readonly cipher: FieldCipher;
}

export interface ReturnRequest {
  readonly scope: Scope;
  readonly orderId: string;
  readonly items: readonly ReturnItem[];
  readonly reason: string;
  readonly requestedBy: string;
  readonly idempotencyKey: string | undefined;
  /** For how many days after its completion an order is taken back. */
  readonly windowDays: number;
}

export interface ReturnItem {
  readonly productId: string;
  readonly quantity: number;
}

export type Requested =
  | { readonly kind: 'requested' | 'existing'; readonly order: OrderHead; readonly found: ReturnState }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'exceeds'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'keyReused'; readonly returnNumber: number }
  | { readonly kind: 'notFound' };

/** One key makes one return. Throws a TransientError when the store is away: nothing is stored then, or all of it. */
export async function requestReturn(ports: ReturnPorts, request: ReturnRequest): Promise<Requested> {
  const stored = await ports.orders.read(request.scope, request.orderId);
  if (stored === undefined) return { kind: 'notFound' };
  const bought = await linesOf(ports.orders, stored.order);
  const { items, reason } = request;
  const hash = await ports.cipher.hash(tenantOf(stored.order), JSON.stringify({ items, reason }));
  const stream = openStream(ports, stored);
  let decided = decide(stored.order, bought, request, hash, ports.clock);
  await stream.append({
    actor: request.requestedBy,
    key: null,
    facts: (order) => {
      // Asked again after a conflict: another return may have taken the same pieces.
      decided = decide(order, bought, request, hash, ports.clock);
      return decided.kind === 'new' ? [decided.fact] : [];
    },
  });
  if (decided.kind !== 'new') return decided;
  const { returnNumber } = decided.fact.data;
  const found = returnOf(stream.order(), returnNumber);
  if (found === undefined) throw new TerminalError('ORDER_VANISHED', `return ${returnNumber} is gone`);
  await startSaga(ports, stream.order(), stream.etag(), returnNumber);
  return { kind: 'requested', order: stream.order(), found };
}

type RequestFact = OrderFact & { readonly type: 'ReturnRequested' };

type Decided =
  { readonly kind: 'new'; readonly fact: RequestFact } | Exclude<Requested, { readonly kind: 'requested' }>;

function decide(
  order: OrderHead,
  bought: readonly OrderLine[],
  { items, reason, requestedBy, idempotencyKey, windowDays }: ReturnRequest,
  { text: requestHash, matches }: BodyHash,
  clock: Clock,
): Decided {
  const requestKey = idempotencyKey ?? null;
  const known = returnsOf(order).find((one) => requestKey !== null && one.requestKey === requestKey);
  if (known !== undefined)
    return matches(known.requestHash)
      ? { kind: 'existing', order, found: known }
      : { kind: 'keyReused', returnNumber: known.number };
  const why = cannotReturn(order, toIso(clock.nowMs()), windowDays);
  if (why !== undefined) return { kind: 'refused', why };
  const errors = tooMany(items, returnable(order, bought));
  if (errors.length > 0) return { kind: 'exceeds', errors };
  const lines = items.map(({ productId, quantity }) => ({
    ...{ productId, quantity },
    unitPriceMinor: bought.find((line) => line.productId === productId)?.unitPriceMinor ?? 0,
  }));
  const returnNumber = returnsOf(order).length + 1;
  const data = { ...{ returnNumber, lines, reason, requestedBy, requestKey, requestHash } };
  return {
    kind: 'new',
    fact: { type: 'ReturnRequested', data: { ...data, definitionVersion: RETURN_VERSION } },
  };
}

function tooMany(items: readonly ReturnItem[], left: ReadonlyMap<string, number>): readonly FieldError[] {
  return items.flatMap(({ productId, quantity }, index) => {
    const pieces = left.get(productId);
    if (pieces === undefined)
      return [{ path: `items[${index}].productId`, message: 'is not a product of the order' }];
    return quantity > pieces
      ? [
          {
            path: `items[${index}].quantity`,
            message: `must be at most ${pieces}: so many can still be returned`,
          },
        ]
      : [];
  });
}

async function startSaga(
  { returnSagas, log }: ReturnPorts,
  order: OrderHead,
  etag: string,
  returnNumber: number,
): Promise<void> {
  try {
    await returnSagas.start(order, etag, returnNumber);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('return saga not started', { ...aboutOrder(order), returnNumber, error: error.message });
  }
}
