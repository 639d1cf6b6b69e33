// Which orders the reconciler looks at, and when: a sweep through the quiet ones, whose place lies in the store.
import { anyTraceId } from '../../support/log-lines';
import { reconcileOrders } from '../../../src/commands/reconcile-orders';
import {
  happened,
  openCommandPorts as open,
  placed,
  QUIET_MS,
  reconcile,
  STUCK_MS,
} from '../../support/command-ports';
import { facts } from '../../support/orders';

type App = ReturnType<typeof open>;

/** Runs every five seconds for `ms`, and gives the ages in seconds at which `line` was logged. */
async function agesOf(app: App, line: string, ms: number, stuckMs = STUCK_MS): Promise<number[]> {
  const ages: number[] = [];
  for (let age = 5_000; age <= ms; age += 5_000) {
    app.pass(5_000);
    const before = app.lines.warn.filter(([event]) => event === line).length;
    await reconcileOrders(app.ports, { quietMs: QUIET_MS, stuckMs, budgetMs: 60_000 });
    if (app.lines.warn.filter(([event]) => event === line).length > before) ages.push(age / 1_000);
  }
  return ages;
}

describe('the reconciler', () => {
  test('leaves alone what moved lately, runs, or has ended', async () => {
    const app = open();
    await placed(app);
    expect(await reconcile(app)).toMatchObject({ looked: 0 });
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toEqual({
      looked: 1,
      started: 0,
      signalled: 0,
      repaired: 0,
      finished: true,
    });
  });

  test.each([
    ['one after the other', 1],
    ['in the same millisecond', 0],
  ])('finds an unstarted order behind 600 that live on, placed %s', async (_when, apartMs) => {
    const app = open();
    for (let index = 0; index < 600; index += 1) {
      await placed(app, { idempotencyKey: `lives-${index}` });
      app.pass(apartMs);
    }
    app.hub.away = true;
    app.pass(1);
    await placed(app, { idempotencyKey: 'unstarted' });
    app.hub.away = false;
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toMatchObject({ started: 1, finished: true });
  });

  test('goes on where a run had no more time, on any host, and looks at no order twice', async () => {
    const app = open();
    for (let index = 0; index < 40; index += 1) {
      await placed(app, { idempotencyKey: `key-${index}` });
      app.pass(10);
    }
    app.pass(QUIET_MS);
    const find = app.ports.sagas.find.bind(app.ports.sagas);
    const looked: string[] = [];
    app.ports.sagas.find = (orderId) => {
      looked.push(orderId);
      app.pass(1_000);
      return find(orderId);
    };
    const limits = { quietMs: QUIET_MS, stuckMs: STUCK_MS, budgetMs: 9_000 };
    const runs: boolean[] = [];
    do runs.push((await reconcileOrders({ ...app.ports }, limits)).finished);
    while (runs.at(-1) === false);
    expect(runs.length).toBeGreaterThan(2);
    expect([...new Set(looked)]).toHaveLength(40);
    expect(looked).toHaveLength(40);
  });

  test('signals a cancel to a live saga again after growing times, not with every run', async () => {
    const app = open();
    const orderId = await placed(app);
    await happened(app, orderId, facts.cancelRequested);
    const ages = await agesOf(app, 'cancel signalled again by reconciler', 600_000);
    expect(ages).toEqual([30, 60, 120, 240, 360, 480, 600]);
  });

  test('does no harm on two hosts at once: an order is started by both, and begins once', async () => {
    const app = open();
    app.hub.away = true;
    const orderId = await placed(app);
    app.hub.away = false;
    app.pass(QUIET_MS + 1);
    const runs = await Promise.all([reconcile(app), reconcile(app)]);
    expect(runs.reduce((sum, { started }) => sum + started, 0)).toBeGreaterThan(0);
    expect(app.instances.get(orderId)).toMatchObject({ runtimeStatus: 'running' });
    app.pass(QUIET_MS);
    expect(await reconcile(app)).toMatchObject({ started: 0 });
  });

  test('says of an order whose saga is alive and makes no progress that it does not, at growing intervals', async () => {
    const app = open();
    const orderId = await placed(app);
    const ages = await agesOf(app, 'order makes no progress', 4 * 3_600_000);
    expect(ages).toEqual([30 * 60, 60 * 60, 120 * 60, 240 * 60]);
    expect(app.lines.warn.at(-1)).toEqual([
      'order makes no progress',
      {
        orderId,
        correlationId: 'corr-1',
        traceId: anyTraceId(),
        status: 'processing',
        runtimeStatus: 'running',
        minutes: 240,
      },
    ]);
  });

  test('says so at its own times, though nothing else is to be looked at then', async () => {
    const app = open();
    await placed(app);
    const stuckMs = 31 * 60_000;
    expect(await agesOf(app, 'order makes no progress', 3_600_000, stuckMs)).toEqual([31 * 60]);
  });

  test('an order that cannot be mended is told of, and those behind it are mended all the same', async () => {
    const app = open();
    const [stuck, behind] = [await placed(app), await placed(app, { idempotencyKey: 'key-2' })];
    const find = app.ports.sagas.find.bind(app.ports.sagas);
    app.ports.sagas.find = (orderId) =>
      orderId === stuck ? Promise.reject(new TypeError('a bug')) : find(orderId);
    app.instances.set(behind, { runtimeStatus: 'terminated', output: null });
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toMatchObject({ looked: 2, repaired: 1 });
    expect(app.errors.sort()).toEqual(['manual intervention required', 'order not reconciled']);
    expect(app.lines.error).toContainEqual([
      'order not reconciled',
      { orderId: stuck, error: 'TypeError: a bug' },
    ]);
  });

  test('looks at everything once more when the clock was put back', async () => {
    const app = open();
    await placed(app);
    app.pass(3_600_000);
    await reconcile(app);
    app.pass(-3_500_000);
    expect(await reconcile(app)).toMatchObject({ looked: 1, finished: true });
  });

  test('keeps no mark of a run with nothing to look at, more than once a minute', async () => {
    const app = open();
    let writes = 0;
    const write = app.ports.marks.write.bind(app.ports.marks);
    app.ports.marks.write = (...mark) => {
      writes += 1;
      return write(...mark);
    };
    for (let run = 0; run < 24; run += 1) {
      app.pass(5_000);
      await reconcile(app);
    }
    expect(writes).toBe(2);
  });
});
