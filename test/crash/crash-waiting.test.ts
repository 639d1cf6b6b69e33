// Sagas that wait (for a backoff, for their time, for an operator, for an approval) while the host, or everything, is killed.
import { DEMO_OPERATOR_TOKEN, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { ALL_EFFECTS, effectNames, endOf, type Ended } from '../../tools/crash/end';
import { crashSystem, type CrashSystem, type InstanceStatus } from '../../tools/crash/system';
import { SCOPE } from '../support/orders';
import { KILLED, storageArgs } from 'azure-local/testing/storage-args';

const NOT_BEFORE_MS = 5_000;
/** Orders in euro are above the limit. */
const SETTINGS = {
  'OrderProcessing:OperatorToken': DEMO_OPERATOR_TOKEN,
  'OrderProcessing:ApprovalLimit': 'EUR=50',
};
const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 50.01 }];

describe.each(KILLED)('SIGKILL to %s on the storage %s', (what, storage) => {
  let system: RunningSystem;
  let after: CrashSystem;
  const ids = { suspended: '', waiting: '', backoff: '', approved: '', rejected: '' };
  let notBefore: string;
  /** Effects of the orders when everything was killed. */
  const atKill = new Map<string, readonly string[]>();

  beforeAll(async () => {
    system = await startSystem({ args: storageArgs(storage), settings: SETTINGS });
    const before = crashSystem(system);
    ids.approved = await waitsForApproval(before, 'approved');
    ids.rejected = await waitsForApproval(before, 'rejected');
    await before.client.planFaults([
      {
        service: 'payments',
        operation: 'charge',
        customerId: 'suspended',
        fault: 'slow',
        delayMs: 500,
        times: 1,
      },
      { service: 'payments', operation: 'charge', customerId: 'backoff', fault: 'error', times: 2 },
    ]);
    ids.suspended = await suspendWhilePaying(before);
    notBefore = new Date(Date.now() + NOT_BEFORE_MS).toISOString();
    ids.waiting = await before.postUntilTaken({ customerId: 'waiting', key: 'waiting', notBefore });
    ids.backoff = await before.postUntilTaken({ customerId: 'backoff', key: 'backoff' });
    // The first backoff is over when the second has its timer.
    await poll(
      () => before.instance(ids.backoff),
      (instance) => timersIn(instance) === 2,
    );
    for (const id of Object.values(ids))
      atKill.set(
        id,
        (await before.effects(id)).map(({ effect }) => effect),
      );
    await system.kill(what);
    if (what === 'all') await system.restart();
    await system.recovered();
    after = crashSystem(system);
  });
  afterAll(() => system.stop());

  /** Its end, which must be the happy one. */
  async function completed(id: string): Promise<Ended> {
    const ended = await endOf(after, id);
    expect(ended.end).toMatchObject({ status: 'completed', runtimeStatus: 'Completed' });
    expect(effectNames(ended.end)).toEqual(ALL_EFFECTS);
    expect(ended.order).toEqual(ended.folded);
    return ended;
  }

  test('S1: a saga in its second backoff goes on with its third attempt', async () => {
    expect(atKill.get(ids.backoff)).toEqual(['stockReserved']);
    const { order } = await completed(ids.backoff);
    expect(order.saga.attempts['ProcessPayment']).toBe(3);
  });

  test('S1: a suspended saga is still suspended, and goes on where it stood when it is resumed', async () => {
    expect(atKill.get(ids.suspended)).toEqual(['stockReserved', 'charged']);
    expect((await after.instance(ids.suspended))?.runtimeStatus).toBe('Suspended');
    await after.manage(ids.suspended, 'resume');
    await completed(ids.suspended);
  });

  test('S15: an order that waits for its approval still waits, and goes on with the answer', async () => {
    expect((await after.client.order(ids.approved)).status).toBe('awaitingApproval');
    expect(await after.client.answerApproval(ids.approved, 'approve')).toBe(202);
    expect(await after.client.answerApproval(ids.approved, 'reject')).toBe(409);
    await completed(ids.approved);
  });

  test('S15: one that is rejected is undone, and ends cancelled', async () => {
    expect(await after.client.answerApproval(ids.rejected, 'reject')).toBe(202);
    const { end } = await endOf(after, ids.rejected);
    expect(end).toMatchObject({ status: 'cancelled', runtimeStatus: 'Completed' });
    expect(effectNames(end)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  });

  test('S1: a saga that waits for its time begins then and not before', async () => {
    expect(atKill.get(ids.waiting)).toEqual([]);
    const { order } = await completed(ids.waiting);
    const [first] = await after.effects(order.orderId);
    expect(Date.parse(first?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(notBefore));
  });
});

/** An order above the limit, when a person is asked. */
async function waitsForApproval({ client }: CrashSystem, customerId: string): Promise<string> {
  const { id } = await client.place({ customerId, currency: 'EUR', items: ITEMS });
  await poll(
    () => client.order(id),
    ({ status }) => status === 'awaitingApproval',
  );
  return id;
}

/** An order that is charged while its saga is suspended. */
async function suspendWhilePaying(system: CrashSystem): Promise<string> {
  const id = await system.postUntilTaken({ customerId: 'suspended', key: 'suspended' });
  await poll(
    () => system.calls(),
    (calls) => calls.some(({ orderId, operation }) => orderId === id && operation === 'charge'),
  );
  await system.manage(id, 'suspend');
  await poll(
    () => system.store.read(SCOPE, id),
    (stored) => stored?.order.status === 'paymentProcessed',
  );
  return id;
}

function timersIn(instance: InstanceStatus | undefined): number {
  return instance?.historyEvents?.filter(({ EventType }) => EventType === 'TimerCreated').length ?? 0;
}
