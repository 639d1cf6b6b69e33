// The order saga with an order above the limit: it waits for the answer of a person, wherever that comes in.
import type { ApprovalAnswered } from '../../src/commands/answer-approval';
import type { Cancelled } from '../../src/commands/cancel-order';
import { reconcileOrders } from '../../src/commands/reconcile-orders';
import { cleanUp } from 'azure-local/testing/durable-harness';
import { ABOVE_LIMIT, answerAs, APPROVAL_MS, APPROVE, REJECT } from '../support/approvals';
import {
  openSaga,
  registerSaga,
  WORKING_TIME_MS,
  type Finished,
  type HarnessSettings,
  type SagaHarness,
} from '../support/saga-harness';
import { SCOPE } from '../support/orders';

beforeAll(registerSaga);
afterEach(cleanUp);

const SHIPPED = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];
const UNDONE = ['stockReserved', 'charged', 'refunded', 'stockReleased'];

const asking = (more: HarnessSettings = {}): Promise<SagaHarness> =>
  openSaga({ approvals: ABOVE_LIMIT, ...more });

/** An order that waits for its approval. */
async function waiting(saga: SagaHarness): Promise<string> {
  const orderId = await saga.place();
  await saga.settled(orderId);
  expect(await statusOf(saga, orderId)).toBe('awaitingApproval');
  return orderId;
}

const statusOf = async ({ orders }: SagaHarness, orderId: string): Promise<string | undefined> =>
  (await orders.read(SCOPE, orderId))?.order.status;
const approve = (saga: SagaHarness, orderId: string): Promise<ApprovalAnswered> =>
  answerAs(saga.ports, orderId, 'operator:anna', APPROVE);
const reject = (saga: SagaHarness, orderId: string): Promise<ApprovalAnswered> =>
  answerAs(saga.ports, orderId, 'operator:ben', REJECT);
const typesOf = ({ events }: Finished): string[] => events.map(({ type }) => type);

describe('an order above the limit', () => {
  test('S15: is shipped once it is approved, and OrderApproved stands between payment and shipment', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    expect(saga.services.ledger.map(({ effect }) => effect)).toEqual(['stockReserved', 'charged']);
    expect((await approve(saga, orderId)).kind).toBe('accepted');
    const finished = await saga.finish(orderId);
    expect(finished.result).toMatchObject({ success: true, finalStatus: 'completed' });
    expect(finished.effects).toEqual(SHIPPED);
    expect(typesOf(finished).slice(3, 7)).toEqual([
      ...['PaymentProcessed', 'ApprovalRequested', 'OrderApproved', 'ShipmentCreated'],
    ]);
    expect(finished.events[5]).toMatchObject({ actor: 'operator:anna', data: { automatic: false } });
    expect(finished.scheduled['ApproveOrder']).toBe(2);
  });

  test('S15: is undone and ends cancelled with its reason when it is rejected', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    expect((await reject(saga, orderId)).kind).toBe('accepted');
    const finished = await saga.finish(orderId);
    expect(finished.result).toMatchObject({
      ...{ success: false, finalStatus: 'cancelled' },
      ...{ failureCode: 'APPROVAL_REJECTED', failureReason: 'too much' },
    });
    expect(finished.effects).toEqual(UNDONE);
    expect(finished.order.cancelRequestedAt).toBeNull();
  });

  test.each([
    ['reject', 'cancelled', UNDONE, 'APPROVAL_TIMED_OUT'],
    ['approve', 'completed', SHIPPED, null],
  ] as const)(
    'S15: that nobody answers for is settled by the policy %s: %s',
    async (whenUnanswered, status, effects, failureCode) => {
      const saga = await asking({ approvals: { ...ABOVE_LIMIT, whenUnanswered } });
      const orderId = await waiting(saga);
      saga.clock.advance(APPROVAL_MS - 60_000);
      await saga.settled(orderId);
      expect(await statusOf(saga, orderId)).toBe('awaitingApproval');
      const finished = await saga.finish(orderId);
      expect(finished.order).toMatchObject({
        status,
        failureCode,
        saga: { approval: { answer: { by: 'timeout' } } },
      });
      expect(finished.effects).toEqual(effects);
    },
  );

  test('S8: waits without using up working time', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    saga.clock.advance(WORKING_TIME_MS * 3);
    await saga.settled(orderId);
    await approve(saga, orderId);
    expect((await saga.finish(orderId)).order.status).toBe('completed');
  });

  test('S7: is cancelled at once while it waits, and no answer is taken any more', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    await saga.cancel(orderId);
    await saga.settled(orderId);
    expect(await statusOf(saga, orderId)).toBe('cancelled');
    expect((await approve(saga, orderId)).kind).toBe('notAwaiting');
    expect((await saga.finish(orderId)).effects).toEqual(UNDONE);
  });

  test('S15: is approved though the signal is lost: the reconciler raises it again', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    const deaf = { ...saga.ports, sagas: { ...saga.sagas, signalApproval: () => Promise.resolve() } };
    await answerAs(deaf, orderId, 'operator:anna', APPROVE);
    saga.clock.advance(60_000);
    await saga.settled(orderId);
    expect(await statusOf(saga, orderId)).toBe('approved');
    const limits = { quietMs: 30_000, stuckMs: 30 * 60_000, budgetMs: 60_000 };
    expect(await reconcileOrders(saga.ports, limits)).toMatchObject({ signalled: 1 });
    await saga.settled(orderId);
    expect(await statusOf(saga, orderId)).toBe('completed');
  });

  test('S22: a signal is a hint: what it carries approves nothing, and the wait ends no later for it', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    const [{ occurredAt } = { occurredAt: '' }] = (await saga.orders.eventsAfter(SCOPE, orderId, 4)).slice(
      -1,
    );
    for (let hours = 0; hours < 20; hours += 1) {
      saga.clock.advance(60 * 60_000);
      await saga.raise(orderId, 'approval', { approved: true, kind: 'approve' });
      await saga.settled(orderId);
    }
    expect(await statusOf(saga, orderId)).toBe('awaitingApproval');
    const { events } = await saga.finish(orderId);
    const rejected = events.find(({ type }) => type === 'ApprovalRejected');
    const waitedMs = Date.parse(rejected?.occurredAt ?? '') - Date.parse(occurredAt);
    expect(Math.abs(waitedMs - APPROVAL_MS)).toBeLessThanOrEqual(1_000);
  });

  test('S15: the terms are those of the moment it was placed', async () => {
    const saga = await asking();
    const orderId = await waiting(saga);
    const { order } = (await saga.orders.read(SCOPE, orderId)) ?? {};
    expect(order?.approval).toEqual({
      ...{ required: true, limitMinor: 10_000, timeoutMs: APPROVAL_MS, whenUnanswered: 'reject' },
    });
  });
});

test('an order within the limit is approved with its payment: no activity and no write more', async () => {
  const saga = await asking({ approvals: { ...ABOVE_LIMIT, limitsMinor: { USD: 14_993 } } });
  const finished = await saga.finish(await saga.place());
  expect(typesOf(finished).slice(3, 6)).toEqual(['PaymentProcessed', 'OrderApproved', 'ShipmentCreated']);
  expect(finished.events[4]).toMatchObject({ actor: 'saga', data: { automatic: true, answeredBy: null } });
  expect(finished.scheduled['ApproveOrder']).toBeUndefined();
  expect(saga.orders.requests.append).toBe(4);
});

test('an order in a currency without a limit says nothing of approval', async () => {
  const saga = await asking({ approvals: { ...ABOVE_LIMIT, limitsMinor: { EUR: 1 } } });
  expect(typesOf(await saga.finish(await saga.place()))).not.toContain('OrderApproved');
});

/** What can come in from outside, and how the order must end when it was accepted. */
const INCOMING: Readonly<
  Record<
    string,
    {
      readonly ends: string;
      readonly act: (saga: SagaHarness, orderId: string) => Promise<Cancelled | ApprovalAnswered>;
    }
  >
> = {
  'an approval': { ends: 'completed', act: approve },
  'a rejection': { ends: 'cancelled', act: reject },
  'a cancel': { ends: 'cancelled', act: (saga, orderId) => saga.cancel(orderId) },
};
/** Writes of an order above the limit that is approved: reserve, pay, ask, (answer), ship, confirm. */
const WRITES = [1, 2, 3, 4, 5, 6];
const positions = WRITES.flatMap((write) =>
  (['before', 'after'] as const).flatMap((moment) =>
    Object.keys(INCOMING).map((what) => ({ write, moment, what })),
  ),
);

test.each(positions)(
  'S15: $what $moment write $write counts if it is the first, and everything is done or everything undone',
  async ({ write, moment, what }) => {
    const { ends, act } = INCOMING[what] ?? { ends: '', act: approve };
    const saga = await asking();
    let [writes, accepted] = [0, false];
    const append = saga.orders.append.bind(saga.orders);
    saga.orders.append = async (...given) => {
      const isDue = (writes += 1) === write;
      const comeIn = async (): Promise<void> => {
        accepted = (await act(saga, given[1].orderId)).kind === 'accepted';
      };
      if (isDue && moment === 'before') await comeIn();
      const result = await append(...given);
      if (isDue && moment === 'after') await comeIn();
      return result;
    };
    const orderId = await saga.place();
    await saga.settled(orderId);
    if ((await statusOf(saga, orderId)) === 'awaitingApproval') await approve(saga, orderId);
    await saga.settled(orderId);
    const finished = await saga.finish(orderId);
    // Something that came after the end, or before there was a question, is refused and changes nothing.
    expect(finished.order.status).toBe(accepted ? ends : 'completed');
    expect(finished.effects).toEqual(undoneOrShipped(finished));
    const answers = typesOf(finished).filter(
      (type) => type === 'OrderApproved' || type === 'ApprovalRejected',
    );
    expect(answers.length).toBeLessThanOrEqual(1);
  },
);

function undoneOrShipped({ order, effects }: Finished): readonly string[] {
  if (order.status === 'completed') return SHIPPED;
  const inverse: Readonly<Record<string, string>> = {
    ...{ stockReserved: 'stockReleased', charged: 'refunded', shipmentCreated: 'shipmentCancelled' },
  };
  const done = effects.filter((effect) => effect in inverse);
  return [...done, ...[...done].reverse().map((effect) => inverse[effect] ?? '')];
}
