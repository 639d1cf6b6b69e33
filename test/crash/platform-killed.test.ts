// The platform (order store and services) killed with SIGKILL under a host that lives: calls are cut off before and
// after they acted, writes and look-ups find nobody, orders keep coming in. Then everything must add up.
import { poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { endOf, imbalance, type Ended } from '../../tools/crash/end';
import { crashSystem, QUANTITY, type CrashSystem, type PostAnswer } from '../../tools/crash/system';

const PRODUCT = 'platform-lamp';
const STOCK = 1_000;

const EITHER = ['completed', 'failed'];

/** One order to each call of the saga that is cut off, before and after it acted. Up to the pivot the look-up decides. */
const CUT_OFF = [
  { operation: 'reserve', service: 'inventory', prefix: '', ends: EITHER },
  { operation: 'charge', service: 'payments', prefix: '', ends: EITHER },
  { operation: 'ship', service: 'shipping', prefix: '', ends: EITHER },
  { operation: 'confirm', service: 'inventory', prefix: '', ends: ['completed'] },
  { operation: 'refund', service: 'payments', prefix: 'noship-', ends: ['failed'] },
  { operation: 'release', service: 'inventory', prefix: 'noship-', ends: ['failed'] },
].flatMap((call) =>
  [
    { fault: 'hang', says: 'before it acted' },
    { fault: 'holdAnswer', says: 'after it acted' },
  ].map((moment) => ({ ...call, ...moment, key: `${call.prefix}${call.operation}-${moment.fault}` })),
);
const RUNNING = Array.from({ length: 10 }, (_, index) => `running-${index}`);
const MEANWHILE = Array.from({ length: 10 }, (_, index) => `${index % 2 ? 'noship-' : ''}meanwhile-${index}`);

describe('SIGKILL to the platform', () => {
  let system: RunningSystem;
  let after: CrashSystem;
  let hostBefore: number;
  let meanwhile: readonly PostAnswer[];
  const ended = new Map<string, Promise<Ended>>();

  beforeAll(async () => {
    system = await startSystem({
      settings: {
        'OrderProcessing:BreakerOpenSeconds': '0.2',
        // Of one attempt that is cut off nobody can say whether it acted; here the repeat is allowed that settles it.
        'OrderProcessing:CompensationMaxAttempts': '5',
      },
    });
    const before = crashSystem(system);
    hostBefore = system.pids.host;
    await before.client.setStock(PRODUCT, STOCK);
    await bringToCutOff(before);
    await Promise.all(RUNNING.map((key) => post(before, key)));
    await system.kill('platform');
    meanwhile = await Promise.all(MEANWHILE.map((key) => post(before, key)));
    await system.recovered();
    after = crashSystem(system);
    const keys = [...CUT_OFF.map(({ key }) => key), ...RUNNING, ...MEANWHILE];
    for (const key of keys) ended.set(key, takenAndEnded(after, key));
    await Promise.allSettled(ended.values());
  });
  afterAll(() => system.stop());

  test('the host lives through it', () => {
    expect(system.pids.host).toBe(hostBefore);
  });

  test.each(CUT_OFF.map((one) => [one.operation, one.says, one] as const))(
    'S2, S3: an order whose %s is cut off %s ends with all of its effects or with every one undone',
    async (_operation, _says, { key, ends }) => {
      const { order } = (await ended.get(key)) ?? {};
      expect(ends).toContain(order?.status);
      expect(order?.saga.needsIntervention).toBe(false);
    },
  );

  test('S6: an order that comes in meanwhile is taken, or refused with 503 and Retry-After and may be sent again', async () => {
    for (const { status, retryAfter } of meanwhile) {
      expect([202, 503]).toContain(status);
      if (status === 503) expect(Number(retryAfter)).toBeGreaterThan(0);
    }
    for (const [index, { status, id }] of meanwhile.entries()) {
      const { order } = (await ended.get(MEANWHILE[index] ?? '')) ?? {};
      if (status === 202) expect(order?.orderId).toBe(id);
    }
  });

  test('S5: every order document is the fold of its events', async () => {
    for (const { order, folded } of await Promise.all(ended.values())) expect(order).toEqual(folded);
  });

  test('S2, S3: money and stock balance, and nothing is charged twice', async () => {
    const effects = await after.effects();
    const all = await Promise.all(ended.values());
    const wrong = all.map((one) =>
      imbalance(
        one,
        effects.filter(({ orderId }) => orderId === one.order.orderId),
      ),
    );
    expect(wrong.filter((problem) => problem !== undefined)).toEqual([]);
    const completed = all.filter(({ order }) => order.status === 'completed');
    const sum = (effect: string): number =>
      effects.filter((line) => line.effect === effect).reduce((minor, { amount = 0 }) => minor + amount, 0);
    const dueMinor = completed.reduce((minor, { order }) => minor + order.totalMinor, 0);
    expect(sum('charged') - sum('refunded')).toBe(dueMinor);
    expect(await after.client.stock(PRODUCT)).toEqual({
      onHand: STOCK - completed.length * QUANTITY,
      reserved: 0,
    });
  });
});

const orderOf = (key: string) => ({ customerId: key, key, productId: PRODUCT });
const post = (system: CrashSystem, key: string): Promise<PostAnswer> => system.post(orderOf(key));

async function takenAndEnded(system: CrashSystem, key: string): Promise<Ended> {
  return endOf(system, await system.postUntilTaken(orderOf(key)));
}

/** Places the orders to be cut off and waits until each stands at its call. */
async function bringToCutOff(system: CrashSystem): Promise<void> {
  await system.client.planFaults(
    CUT_OFF.map(({ service, operation, fault, key }) => ({
      service,
      operation,
      fault,
      customerId: key,
      times: 1,
    })),
  );
  await Promise.all(CUT_OFF.map(({ key }) => post(system, key)));
  await poll(
    () => system.calls(),
    (calls) =>
      CUT_OFF.every(({ key, operation }) =>
        calls.some(
          (call) => call.correlationId === key && call.operation === operation && call.status === null,
        ),
      ),
  );
}
