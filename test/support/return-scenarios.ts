// Scenarios of the return saga by name, one for every way in which it can run: their committed histories are recorded from
// them (test/golden/histories/returns). Each is about the first return of a completed order.
import { returnOf } from '../../src/domain/return-state';
import { returnInstanceId } from '../../src/saga/returns/return-saga';
import type { Fault, Operation } from './fake-services';
import { inThreeParts, SCOPE } from './orders';
import { returnFlow, type ReturnFlow } from './return-flow';
import { PARCEL_TIMEOUT_MS, type SagaHarness } from './saga-harness';

interface ReturnScenario {
  readonly faults?: Partial<Record<Operation, Fault[]>>;
  /** How the order was paid. */
  readonly request?: Parameters<SagaHarness['place']>[0];
  /** What people do, once the return is requested and authorised. */
  readonly then: (flow: ReturnFlow, saga: SagaHarness) => Promise<unknown>;
  /** How the return stands when its saga has ended. */
  readonly status: 'closed' | 'rejected' | 'inspected' | 'refunded';
}

type Inspected = Parameters<ReturnFlow['inspect']>[0];

const inspecting =
  (items?: Inspected): ReturnScenario['then'] =>
  async (flow) => {
    await flow.receive();
    await flow.inspect(items);
  };
const all = inspecting();

export const RETURN_SCENARIOS: Readonly<Record<string, ReturnScenario>> = {
  'returned-whole': { then: all, status: 'closed' },
  'returned-in-parts': { request: inThreeParts, then: all, status: 'closed' },
  'returned-damaged': {
    then: inspecting([{ productId: 'prod-001', accepted: 2, damaged: 2 }]),
    status: 'closed',
  },
  'nothing-accepted': {
    then: inspecting([{ productId: 'prod-001', accepted: 0, damaged: 0 }]),
    status: 'rejected',
  },
  'parcel-not-received': {
    then: (_, saga) => {
      saga.clock.advance(PARCEL_TIMEOUT_MS);
      return Promise.resolve();
    },
    status: 'rejected',
  },
  'return-cancelled': { then: (flow) => flow.cancel(), status: 'rejected' },
  'return-cancelled-when-received': {
    then: async (flow) => {
      await flow.receive();
      await flow.cancel();
    },
    status: 'rejected',
  },
  'refund-answer-lost': { faults: { refundPart: ['loseAnswer'] }, then: all, status: 'closed' },
  'refund-tried-again': { faults: { refundPart: ['error', 'down', 'hang'] }, then: all, status: 'closed' },
  'refund-refused': { faults: { refundPart: ['refuse'] }, then: all, status: 'inspected' },
  'restock-tried-again': { faults: { restock: ['error', 'busy'] }, then: all, status: 'closed' },
  'restock-refused': { faults: { restock: ['refuse'] }, then: all, status: 'refunded' },
};

/** Plays a scenario to the end of the return's saga; the id of its instance. */
export async function playReturn(
  saga: SagaHarness,
  { faults = {}, request, then, status }: ReturnScenario,
): Promise<string> {
  const orderId = await saga.place(request);
  await saga.finish(orderId);
  Object.assign(saga.services.faults, structuredClone(faults));
  const flow = returnFlow(saga.ports, orderId);
  const id = returnInstanceId(orderId, 1);
  await flow.request();
  await saga.settled(id);
  await then(flow, saga);
  await endOfSaga(saga, id);
  const stored = await saga.orders.read(SCOPE, orderId);
  const found = stored && returnOf(stored.order, 1);
  if (found?.status !== status)
    throw new Error(`the return is ${found?.status ?? 'not there'}, not ${status}`);
  return id;
}

/** Lets time pass, timer by timer. */
async function endOfSaga(saga: SagaHarness, id: string): Promise<void> {
  for (let timers = 0; timers < 100; timers++) {
    const { runtimeStatus } = await saga.settled(id);
    if (runtimeStatus === 'Completed') return;
    const dueMs = saga.clock.nextDueMs();
    if (dueMs === undefined) break;
    saga.clock.advance(Math.max(0, dueMs - saga.clock.now()));
  }
  throw new Error(`${id} does not end`);
}
