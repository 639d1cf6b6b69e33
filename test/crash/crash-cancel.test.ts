// A cancel whose request is stored and whose host, or everything, is killed before the saga is told of it.
import { poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { effectNames, endOf, type Ended } from '../../tools/crash/end';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import { KILLED, storageArgs } from 'azure-local/testing/storage-args';

interface Cancelling {
  /** Where the saga is when it is cancelled. */
  readonly at: string;
  readonly key: string;
  /** The call that has acted and is not answered; without one the order waits for its time. */
  readonly held?: { readonly service: string; readonly operation: string; readonly effect: string };
  readonly effects: readonly string[];
}

const HOUR_MS = 3_600_000;

const CANCELLINGS: readonly Cancelling[] = [
  { at: 'waits for its time, when only the reconciler can tell it', key: 'cancel-waiting', effects: [] },
  {
    at: 'has reserved and does not know it',
    key: 'cancel-reserve',
    held: { service: 'inventory', operation: 'reserve', effect: 'stockReserved' },
    effects: ['stockReserved', 'stockReleased'],
  },
  {
    at: 'has charged and does not know it',
    key: 'cancel-charge',
    held: { service: 'payments', operation: 'charge', effect: 'charged' },
    effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
  },
  {
    at: 'has shipped and does not know it',
    key: 'cancel-ship',
    held: { service: 'shipping', operation: 'ship', effect: 'shipmentCreated' },
    effects: [
      'stockReserved',
      'charged',
      'shipmentCreated',
      'shipmentCancelled',
      'refunded',
      'stockReleased',
    ],
  },
];

describe.each(KILLED)('SIGKILL to %s on the storage %s', (what, storage) => {
  let system: RunningSystem;
  const ended = new Map<string, Promise<Ended>>();

  beforeAll(async () => {
    system = await startSystem({
      settings: { 'OrderProcessing:ReconcileAfterSeconds': '1' },
      args: storageArgs(storage),
    });
    const before = crashSystem(system);
    const ids = await cancelAll(before);
    await system.kill(what);
    if (what === 'all') await system.restart();
    else await before.hold([]);
    await system.recovered();
    const after = crashSystem(system);
    for (const [key, id] of ids) ended.set(key, endOf(after, id));
    await Promise.allSettled(ended.values());
  });
  afterAll(() => system.stop());

  test.each(CANCELLINGS.map((one) => [one.at, one] as const))(
    'S7: a cancel that was stored while the saga %s is carried out after the crash',
    async (_, { key, effects }) => {
      const { end, order, folded } = (await ended.get(key)) ?? {};
      expect(end?.status).toBe('cancelled');
      expect(end?.runtimeStatus).toBe('Completed');
      expect(end && effectNames(end)).toEqual(effects);
      expect(end?.events.filter((type) => type === 'CancelRequested')).toHaveLength(1);
      expect(end?.events).not.toContain('ShipmentCreated');
      expect(order).toEqual(folded);
    },
  );
});

/** Places every order, brings it to its place, and lets each cancel be stored and not answered; the ids by key. */
async function cancelAll(system: CrashSystem): Promise<ReadonlyMap<string, string>> {
  await system.client.planFaults(
    CANCELLINGS.flatMap(({ key, held }) =>
      held === undefined ? [] : [{ ...faultOf(held), customerId: key, times: 1 }],
    ),
  );
  await system.hold(
    CANCELLINGS.map(({ key }) => ({
      contains: [`"correlationId":"${key}"`, '"type":"CancelRequested"'],
      moment: 'answer',
    })),
  );
  const notBefore = new Date(Date.now() + HOUR_MS).toISOString();
  const ids = new Map<string, string>();
  for (const { key, held } of CANCELLINGS) {
    const post = { customerId: key, key, ...(held === undefined ? { notBefore } : {}) };
    ids.set(key, await system.postUntilTaken(post));
  }
  await poll(
    () => system.effects(),
    (effects) =>
      CANCELLINGS.every(({ key, held }) =>
        effects.some(
          ({ customerId, effect }) => held === undefined || (customerId === key && effect === held.effect),
        ),
      ),
  );
  for (const id of ids.values()) system.client.cancel(id).catch(() => undefined);
  await poll(
    () => system.held(),
    (held) => held.every((count) => count > 0),
  );
  return ids;
}

function faultOf({ service, operation }: NonNullable<Cancelling['held']>) {
  return { service, operation, fault: 'holdAnswer' };
}
