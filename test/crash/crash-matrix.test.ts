// RES-09, CMP-14: the host alone, and then every process, killed with SIGKILL at every call and every write of an order
// that completes and of one that the carrier refuses. Judged by the ledger of the services and by the stored stream.
import { startSystem, type RunningSystem } from '../../local/supervisor/running-system';
import { ALL_EFFECTS, type Ended } from '../support/crash-end';
import { crashPoints, type CrashPoint, type Path } from '../support/crash-points';
import { crashAtEvery, lateCallsAnswered, undisturbed, type Crashed } from '../support/crash-run';
import { crashSystem } from '../support/crash-system';

const points = crashPoints();
const titled = (some: readonly CrashPoint[]) => some.map((point) => [point.says, point] as const);
const creations = points.filter(({ event }) => event === 'OrderCreated');
const calls = points.filter(({ fault }) => fault !== undefined);
const writes = points.filter((point) => point.hold !== undefined && !creations.includes(point));

const EFFECTS: Readonly<Record<Path, readonly string[]>> = {
  completes: ALL_EFFECTS,
  carrierRefuses: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
};

describe.each(['host', 'all'] as const)('SIGKILL to %s', (what) => {
  let system: RunningSystem;
  let without: Readonly<Record<Path, Ended>>;
  let crashed: ReadonlyMap<string, Promise<Crashed>>;

  beforeAll(async () => {
    system = await startSystem({ settings: { 'OrderProcessing:ReconcileAfterSeconds': '1' } });
    without = await undisturbed(crashSystem(system));
    crashed = await crashAtEvery(points, system, what);
  }, 90_000);
  afterAll(() => system.stop());

  /** What every crash point must come to, whatever was interrupted. */
  async function expectNoTrace(point: CrashPoint): Promise<Crashed> {
    const found = await crashed.get(point.key);
    if (found === undefined) throw new Error(`nothing is known of ${point.says}`);
    expect(found.position).toEqual(point.expected);
    expect(found.end).toEqual(without[point.path].end);
    expect(found.order).toEqual(found.folded);
    return found;
  }

  test.each(['completes', 'carrierRefuses'] as const)(
    'without a crash an order that %s has its effects',
    (path) => {
      const { end } = without[path];
      expect(end.effects.map((effect) => effect.split(' ')[0])).toEqual(EFFECTS[path]);
      expect(end.runtimeStatus).toBe('Completed');
    },
  );

  test.each(titled(calls))(
    'S1, S2: while %s: every effect happens once, as without a crash',
    async (_, point) => {
      await expectNoTrace(point);
    },
  );

  test.each(titled(writes))(
    'S5: while %s: every event is written once, as without a crash',
    async (_, point) => {
      await expectNoTrace(point);
    },
  );

  test.each(titled(creations))(
    'S6: while %s: the order is started once, and its key makes no second',
    async (_, point) => {
      const { idBefore, idAfter, order } = await expectNoTrace(point);
      expect(idBefore).toBeUndefined();
      expect(order.orderId).toBe(idAfter);
    },
  );

  test('S6: an order that was acknowledged is the one that its key gives after the crash', async () => {
    const acknowledged = (await Promise.all(crashed.values())).filter(
      ({ idBefore }) => idBefore !== undefined,
    );
    expect(acknowledged).toHaveLength(points.length - creations.length);
    for (const { idBefore, idAfter } of acknowledged) expect(idAfter).toBe(idBefore);
  });

  test('S2: a call that acts after its repeat has no second effect', async () => {
    await lateCallsAnswered(crashSystem(system), points);
    const effects = await crashSystem(system).effects();
    for (const { order, end } of await Promise.all(crashed.values())) {
      const names = effects.filter(({ orderId }) => orderId === order.orderId).map(({ effect }) => effect);
      expect(names).toEqual(end.effects.map((effect) => effect.split(' ')[0]));
    }
  });
});
