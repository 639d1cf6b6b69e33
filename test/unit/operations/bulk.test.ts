// Bulk operations: what they select, how often they act, when they stop, and what is on record.
import { controlSaga } from '../../../src/operations/control-saga';
import { countBulk, runBulkPage, startBulk, stopBulk, type BulkRequest } from '../../../src/operations/bulk';
import type { BulkOrder, BulkOperation } from '../../../src/domain/bulk';
import { TransientError } from '../../../src/errors';
import type { OperatorAct } from '../../../src/ports/audit';
import { toIso } from '../../../src/ports/clock';
import type { CustomerOrder, TenantOrderFilter } from '../../../src/projections/read-model-stores';
import { toOrderSummary } from '../../../src/queries/order-view';
import { facts, SCOPE } from '../../support/orders';
import { done, effectsOf, happened, openCommandPorts, placed } from '../../support/command-ports';
import { createMemoryBulkStore } from '../../support/memory-bulk-store';

/** Bulk operations over orders in memory, whose list is always up to date. */
function open() {
  const app = openCommandPorts();
  const acts: OperatorAct[] = [];
  const started: BulkOrder[] = [];
  const restarted: string[] = [];
  const purged: string[] = [];
  const bulks = createMemoryBulkStore();
  const listed: string[] = [];
  const listOfTenant = async (
    { tenantId }: { tenantId: string },
    { toIso: until = '9', after, limit, status }: TenantOrderFilter,
  ): Promise<readonly CustomerOrder[]> => {
    const all = await Promise.all(listed.map((id) => app.orders.read({ tenantId }, id)));
    return all
      .flatMap((stored) => (stored === undefined ? [] : [stored.order]))
      .map((order) => ({
        ...toOrderSummary({ ...order, lines: [] }),
        customerKey: '',
        changedAt: order.updatedAt,
      }))
      .sort((a, b) =>
        a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt < b.createdAt ? 1 : -1,
      )
      .filter(({ createdAt }) => createdAt < until)
      .filter((order) => status === undefined || order.status === status)
      .filter(
        ({ id, createdAt }) =>
          after === undefined ||
          createdAt < after.createdAt ||
          (createdAt === after.createdAt && id > after.id),
      )
      .slice(0, limit);
  };
  const ports = {
    ...app.ports,
    ...{ bulks, customerOrders: { listOfTenant } },
    audit: {
      record: (_: unknown, act: OperatorAct) => {
        if (!acts.some(({ id }) => id === act.id)) acts.push(act);
        return Promise.resolve();
      },
      list: () => Promise.resolve(acts),
    },
    runs: { start: (order: BulkOrder) => Promise.resolve(void started.push(order)) },
    restarts: { restart: (id: string) => Promise.resolve(void restarted.push(id)) },
    histories: {
      find: () => Promise.resolve({ kind: 'ended' as const, record: {} as never }),
      purge: (id: string) => Promise.resolve(void purged.push(id)),
    },
    archive: {
      keep: () => Promise.resolve(true),
      readProgress: () => Promise.reject(new Error('not here')),
      writeProgress: () => Promise.reject(new Error('not here')),
    },
  };
  const place = async (count: number): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const id = await placed(app, { idempotencyKey: `key-${listed.length}` });
      await happened(app, id, facts.stockReserved);
      await done(app, id, 'ReserveInventory');
      listed.push(id);
      ids.push(id);
      app.pass(1);
    }
    return ids;
  };
  const cancelled = async (): Promise<number> => {
    const events = await Promise.all(listed.map((id) => app.orders.eventsAfter(SCOPE, id, 0)));
    return events.flat().filter(({ type }) => type === 'CancelRequested').length;
  };
  return { app, ports, acts, started, restarted, purged, bulks, place, cancelled };
}

type Open = ReturnType<typeof open>;

const request: BulkRequest = {
  ...{ scope: SCOPE, act: 'cancel', filter: {}, reason: 'a recall', operator: 'operator:ann' },
};

/** Runs page after page to the end; gives how many there were. */
async function runAll({ ports }: Open, order: BulkOrder): Promise<number> {
  for (let pages = 1; pages < 100; pages += 1)
    if ((await runBulkPage(ports, { order })).next === 'end') return pages;
  throw new Error('there is no end');
}

const stored = async ({ bulks }: Open, { id }: BulkOrder): Promise<BulkOperation | undefined> =>
  (await bulks.read(SCOPE, id))?.operation;

describe('a bulk operation', () => {
  test('a dry run counts and names the cut-off, and nothing is started', async () => {
    const all = open();
    const ids = await all.place(3);
    const count = await countBulk(all.ports, request);
    const cutOff = toIso(all.app.ports.clock.nowMs());
    expect(count).toEqual({ matched: 3, isAtLeast: false, cutOff, examples: [...ids].reverse() });
    expect([all.started, all.acts, await all.cancelled()]).toEqual([[], [], 0]);
  });

  test('acts on every order that was placed before the cut-off, and on none that came after it', async () => {
    const all = open();
    await all.place(45);
    const { cutOff } = await countBulk(all.ports, request);
    const [later = ''] = await all.place(1);
    const operation = await startBulk(all.ports, { ...request, cutOff });
    expect(operation).toMatchObject({ matched: 45, state: 'running', cutOff });
    expect(await runAll(all, operation)).toBe(3);
    expect(await stored(all, operation)).toMatchObject({
      state: 'completed',
      done: 45,
      refused: 0,
      failed: 0,
    });
    expect(await all.cancelled()).toBe(45);
    expect((await all.app.orders.read(SCOPE, later))?.order.cancelRequestedAt).toBeNull();
  });

  test('a cut-off in the future is now', async () => {
    const all = open();
    await all.place(1);
    const { cutOff } = await countBulk(all.ports, { ...request, cutOff: '2999-01-01T00:00:00.000Z' });
    expect(cutOff).toBe(toIso(all.app.ports.clock.nowMs()));
  });

  test('a page that a crash has run twice is counted once, and each order is acted on once', async () => {
    const all = open();
    await all.place(25);
    const operation = await startBulk(all.ports, request);
    all.bulks.beforeWrite = () => {
      all.bulks.beforeWrite = () => Promise.resolve();
      return Promise.reject(new TransientError('STORE_UNAVAILABLE', 'killed', { outage: true }));
    };
    expect(await runBulkPage(all.ports, { order: operation })).toEqual({ id: operation.id, next: 'wait' });
    expect((await stored(all, operation))?.done).toBe(0);
    await runAll(all, operation);
    expect(await stored(all, operation)).toMatchObject({ done: 25, state: 'completed' });
    expect(await all.cancelled()).toBe(25);
  });

  test('two runs of one page at the same moment are counted once', async () => {
    const all = open();
    await all.place(30);
    const operation = await startBulk(all.ports, request);
    await Promise.all([
      runBulkPage(all.ports, { order: operation }),
      runBulkPage(all.ports, { order: operation }),
    ]);
    expect(await stored(all, operation)).toMatchObject({ pages: 1, done: 20 });
    await runAll(all, operation);
    expect((await stored(all, operation))?.done).toBe(30);
    expect(await all.cancelled()).toBe(30);
  });

  test('stops before its next page, and says who stopped it and how far it was', async () => {
    const all = open();
    await all.place(30);
    const operation = await startBulk(all.ports, request);
    await runBulkPage(all.ports, { order: operation });
    const stop = { scope: SCOPE, id: operation.id, operator: 'operator:bob', reason: 'the wrong filter' };
    expect(await stopBulk(all.ports, stop)).toMatchObject({ stopRequestedBy: 'operator:bob' });
    expect(await runAll(all, operation)).toBe(1);
    expect(await stored(all, operation)).toMatchObject({ state: 'stopped', done: 20 });
    expect(await all.cancelled()).toBe(20);
    expect(all.acts.map(({ action, actor }) => [action, actor])).toEqual([
      ['start bulk cancel', 'operator:ann'],
      ['stop bulk cancel', 'operator:bob'],
      ['bulk cancel stopped', 'operator:ann'],
    ]);
    expect(await stopBulk(all.ports, stop)).toMatchObject({ state: 'stopped' });
    expect(all.acts).toHaveLength(3);
  });

  test('a stop that meets the end of a page is not lost', async () => {
    const all = open();
    await all.place(30);
    const operation = await startBulk(all.ports, request);
    all.bulks.beforeWrite = async () => {
      all.bulks.beforeWrite = () => Promise.resolve();
      await stopBulk(all.ports, { ...request, id: operation.id });
    };
    expect((await runBulkPage(all.ports, { order: operation })).next).toBe('page');
    await runAll(all, operation);
    expect(await stored(all, operation)).toMatchObject({ state: 'stopped', done: 0 });
  });

  test('starting twice with one key is starting once', async () => {
    const all = open();
    await all.place(1);
    const first = await startBulk(all.ports, { ...request, key: 'k' });
    const again = await startBulk(all.ports, { ...request, key: 'k' });
    expect(again.id).toBe(first.id);
    expect(all.acts).toHaveLength(1);
    await runAll(all, first);
    expect((await startBulk(all.ports, { ...request, key: 'k' })).state).toBe('completed');
    expect(all.started).toHaveLength(2);
  });

  test('goes on without what the request would have stored, had its host not died', async () => {
    const all = open();
    await all.place(1);
    const order: BulkOrder = { ...(await startBulk(all.ports, request)), id: 'never-stored' };
    await runAll(all, order);
    expect(await stored(all, order)).toMatchObject({ state: 'completed', done: 1 });
  });

  test('S19: touches nothing of another tenant', async () => {
    const all = open();
    await all.place(2);
    const scope = { tenantId: 'other' };
    expect((await countBulk(all.ports, { ...request, scope })).matched).toBe(0);
    const operation = await startBulk(all.ports, { ...request, scope });
    await runAll(all, operation);
    expect(await all.cancelled()).toBe(0);
    expect(await stopBulk(all.ports, { ...request, id: operation.id })).toBeUndefined();
  });

  test('says of each order that it did not act on why', async () => {
    const all = open();
    const [shipped = '', broken = '', good = ''] = await all.place(3);
    await happened(all.app, shipped, facts.paymentProcessed, facts.shipmentCreated);
    type Append = typeof all.app.orders.append;
    const orders = {
      ...all.app.orders,
      append: (...args: Parameters<Append>) =>
        args[1].orderId === broken
          ? Promise.reject(new Error('it is broken'))
          : all.app.orders.append(...args),
    };
    const operation = await startBulk(all.ports, request);
    await runAll({ ...all, ports: { ...all.ports, orders } }, operation);
    expect(await stored(all, operation)).toMatchObject({ done: 1, refused: 1, failed: 1 });
    expect(await all.bulks.problems(SCOPE, operation.id, 10)).toEqual([
      { orderId: broken, kind: 'failed', why: 'it is broken' },
      { orderId: shipped, kind: 'refused', why: 'the order is shipped' },
    ]);
    expect((await all.app.orders.read(SCOPE, good))?.order.cancelRequestedAt).not.toBeNull();
  });
});

describe('the other acts', () => {
  const terminated = async (all: Open): Promise<string> => {
    const [orderId = ''] = await all.place(1);
    await controlSaga(all.app.ports, { ...request, orderId, action: 'terminate' });
    return orderId;
  };
  const run = async (all: Open, act: BulkRequest['act']): Promise<BulkOperation | undefined> => {
    const operation = await startBulk(all.ports, { ...request, act });
    await runAll(all, operation);
    return stored(all, operation);
  };

  test('compensate undoes what nothing carries on, and leaves what runs', async () => {
    const all = open();
    const orderId = await terminated(all);
    await all.place(1);
    expect(await run(all, 'compensate')).toMatchObject({ done: 1, refused: 1 });
    expect(effectsOf(all.app, orderId)).toEqual(['stockReserved', 'stockReleased']);
  });

  test('restart begins sagas again that were terminated, each on record first', async () => {
    const all = open();
    const orderId = await terminated(all);
    await all.place(1);
    expect(await run(all, 'restart')).toMatchObject({ done: 1, refused: 1 });
    expect(all.restarted).toEqual([orderId]);
    expect(all.acts.map(({ action }) => action)).toContain(`restart ${orderId}`);
  });

  test('purge archives the histories of ended orders only', async () => {
    const all = open();
    const [ended = ''] = await all.place(2);
    await happened(
      all.app,
      ended,
      facts.paymentProcessed,
      facts.shipmentCreated,
      facts.stockConfirmed,
      facts.completed,
    );
    expect(await run(all, 'purge')).toMatchObject({ done: 1, refused: 1 });
    expect(all.purged).toEqual([ended]);
  });
});
