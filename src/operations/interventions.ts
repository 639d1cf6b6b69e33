// Commands of operators on one intervention: claim it, release it, try again what failed, or resolve it with a note.
//
// interventions.C1  Each act is appended to the stream of the order under etag, and the refusal is asked again after a
//   conflict: of two operators at once one wins, and the other is told who.
// interventions.C2  A retry is on record, and claimed by who retries, before the service is called. What it does is done
//   under the key of the saga, so that it happens once (S2).
import { finishOrder, type FinishPorts } from '../commands/finish-order';
import type { RepairReturnPorts } from '../commands/finish-return';
import { retryReturn } from '../commands/retry-return';
import { findSaga } from '../commands/saga-status';
import { sagaOf, undoableEntry, undoEntry, undoError, undoingOf } from '../commands/undo-entry';
import {
  interventionsOf,
  openInterventions,
  returnSettled,
  type Intervention,
} from '../domain/interventions';
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { takenFacts } from '../domain/order-rules';
import { tenantOf, type TenantScope } from '../domain/scope';
import { openStream } from '../events/order-stream';
import { aboutOrder } from '../ports/log';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaControl } from '../ports/saga-control';
import {
  interventionRefusal,
  type Asked,
  type InterventionAction,
  type InterventionRefusal,
} from './intervention-actions';

export interface InterventionPorts extends FinishPorts, Omit<RepairReturnPorts, keyof FinishPorts> {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
}

export interface InterventionRequest {
  readonly scope: TenantScope;
  readonly orderId: string;
  readonly number: number;
  readonly operator: string;
  readonly reason: string;
}

export type Acted =
  | { readonly kind: 'notFound' }
  | { readonly kind: 'refused'; readonly refusal: InterventionRefusal }
  /** `saga`: as it was when it was asked. */
  | ({ readonly kind: 'accepted' } & Asked);

/** Well within the time that an HTTP caller waits. */
const BUDGET_MS = 10_000;

/** The operator takes the intervention on: nobody else acts on it until it is released. */
export function claimIntervention(ports: InterventionPorts, request: InterventionRequest): Promise<Acted> {
  return act(ports, request, 'claim', ({ claim }) =>
    claim?.by === request.operator ? [] : [acted(request, 'claim', claim?.by ?? null, request.operator)],
  );
}

/** The intervention is anybody's again, also where another operator had claimed it. */
export function releaseIntervention(ports: InterventionPorts, request: InterventionRequest): Promise<Acted> {
  return act(ports, request, 'release', ({ claim }) => [acted(request, 'release', claim?.by ?? null, null)]);
}

/** The intervention is closed by the operator's word; nothing is done for the order. */
export function resolveIntervention(ports: InterventionPorts, request: InterventionRequest): Promise<Acted> {
  const { operator, reason, number } = request;
  return act(ports, request, 'resolve', ({ returnNumber }, order) => {
    const others = openInterventions(order.saga).filter((one) => one.number !== number);
    const told = { intervention: number, how: 'note', by: operator, note: reason } as const;
    const data = { ...told, stillOpen: others.length, ...returnSettled(others, returnNumber) };
    return [{ type: 'InterventionResolved', data }];
  });
}

/** What failed is tried once more, and nothing else. The answer shows what came of it. */
export async function retryIntervention(
  ports: InterventionPorts,
  request: InterventionRequest,
): Promise<Acted> {
  const begun = await act(ports, request, 'retry', ({ claim, kind }) => [
    acted(request, 'retry', claim?.by ?? null, kind),
  ]);
  if (begun.kind !== 'accepted') return begun;
  const { scope, orderId, number, operator, reason } = request;
  const stored = await ports.orders.read(scope, orderId);
  if (stored === undefined) return { kind: 'notFound' };
  const { kind, undoes, returnNumber } = begun.intervention;
  if (kind === 'compensation') await undoAgain(ports, stored, { undoes: undoes ?? '', operator, number });
  else if (kind === 'return' && returnNumber !== null)
    await retryReturn(ports, { scope, orderId, returnNumber, by: operator, reason });
  else await finishOrder(ports, { ...stored, budgetMs: BUDGET_MS, waitForOutages: false });
  const after = await ports.orders.read(scope, orderId);
  const intervention = after && find(after.order, number);
  return after === undefined || intervention === undefined
    ? { kind: 'notFound' }
    : { ...begun, order: after.order, intervention };
}

function acted(
  { number, operator, reason }: InterventionRequest,
  action: 'claim' | 'release' | 'retry',
  before: string | null,
  after: string | null,
): OrderFact {
  return {
    type: 'OperatorActed',
    data: { action, intervention: number, by: operator, reason, before, after },
  };
}

function find(order: OrderHead, number: number): Intervention | undefined {
  return interventionsOf(order.saga).find((one) => one.number === number);
}

/** interventions.C1. */
async function act(
  ports: InterventionPorts,
  { scope, orderId, number, operator, reason }: InterventionRequest,
  action: InterventionAction,
  factsOf: (intervention: Intervention, order: OrderHead) => readonly OrderFact[],
): Promise<Acted> {
  const stored = await ports.orders.read(scope, orderId);
  if (stored === undefined || find(stored.order, number) === undefined) return { kind: 'notFound' };
  const saga = action === 'retry' ? await findSaga(ports.sagas, stored.order) : 'unasked';
  const stream = openStream(ports, stored);
  const askedOf = (order: OrderHead): Asked | undefined => {
    const intervention = find(order, number);
    return intervention && { order, intervention, operator, saga };
  };
  const result = await stream.append({
    actor: operator,
    key: null,
    facts: (order) => {
      const asked = askedOf(order);
      return asked === undefined || interventionRefusal(action, asked) !== undefined
        ? []
        : factsOf(asked.intervention, order);
    },
  });
  const asked = askedOf(stream.order());
  if (asked === undefined) return { kind: 'notFound' };
  const refusal = result === 'appended' ? undefined : interventionRefusal(action, asked);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  ports.log.warn('intervention acted on', {
    ...aboutOrder(asked.order),
    ...{ operator, action, intervention: number, reason },
  });
  return { kind: 'accepted', ...asked };
}

/** interventions.C2. A compensation that fails again says so in the stream. */
async function undoAgain(
  ports: InterventionPorts,
  { order, etag }: Stored<OrderHead>,
  {
    undoes,
    operator,
    number,
  }: { readonly undoes: string; readonly operator: string; readonly number: number },
): Promise<void> {
  const entry = undoableEntry(order, undoes);
  if (entry === undefined) return;
  const isLate = find(order, number)?.code !== 'COMPENSATION_FAILED';
  const { outcome: result } = await undoEntry(ports, { order, etag, entry, isLate });
  const error = undoError(result);
  if (error === null) return;
  const step = undoingOf(entry);
  const fresh = await ports.orders.read(tenantOf(order), order.orderId);
  if (fresh === undefined) return;
  await openStream(ports, fresh).append({
    actor: operator,
    key: null,
    facts: (now) => {
      const attempts = (now.saga.attempts[step] ?? 0) + 1;
      const given = { step, undoes, attempts, lastError: error, reason: error.message };
      return takenFacts(now, [sagaOf(now).compensationFailed(now, given)]);
    },
  });
}
