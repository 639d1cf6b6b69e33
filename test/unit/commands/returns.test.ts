// Returns of orders: what the commands take and refuse, and what the reconciler and the purge make of returns.
import { returnOf } from '../../../src/domain/return-state';
import { finishOrder } from '../../../src/commands/finish-order';
import { openCommandPorts, placed, QUIET_MS, reconcile } from '../../support/command-ports';
import { SCOPE } from '../../support/orders';
import { allAccepted, returnFlow, type ReturnFlow } from '../../support/return-flow';

type App = ReturnType<typeof openCommandPorts>;

interface At {
  readonly app: App;
  readonly orderId: string;
  readonly flow: ReturnFlow;
}

async function completed(): Promise<At> {
  const app = openCommandPorts();
  const orderId = await placed(app);
  const stored = await app.ports.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error('no order');
  await finishOrder(app.ports, { ...stored, budgetMs: 60_000, waitForOutages: true });
  return { app, orderId, flow: returnFlow(app.ports, orderId) };
}

const statusOf = async ({ app, orderId }: At, number = 1): Promise<string | undefined> =>
  returnOf((await app.ports.orders.read(SCOPE, orderId))?.order ?? {}, number)?.status;

/** Lets the reconciler look, as long as it has something to do. */
async function reconcileAll({ app }: At): Promise<void> {
  for (let run = 0; run < 5; run++) {
    app.pass(2 * QUIET_MS);
    await reconcile(app);
  }
}

test('nothing of an order that is not completed, or whose time is over, is taken back', async () => {
  const app = openCommandPorts();
  const open = returnFlow(app.ports, await placed(app));
  expect(await open.request()).toMatchObject({ kind: 'refused', why: 'the order is processing' });
  const at = await completed();
  at.app.pass(31 * 86_400_000);
  expect(await at.flow.request()).toMatchObject({ kind: 'refused' });
});

test('two requests at once for the same pieces are one return', async () => {
  const at = await completed();
  const results = await Promise.all([at.flow.request(), at.flow.request()]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['exceeds', 'requested']);
});

test('what was not accepted, or is in a rejected return, can be returned again', async () => {
  const at = await completed();
  await at.flow.request();
  await at.flow.cancel();
  expect(await at.flow.request()).toMatchObject({ kind: 'requested', found: { number: 2 } });
});

test('an inspection that accepts more than was returned is refused, field by field', async () => {
  const at = await completed();
  await at.flow.request([{ productId: 'prod-001', quantity: 1 }]);
  expect(
    await at.flow.inspect([
      { productId: 'prod-001', accepted: 2, damaged: 0 },
      { productId: 'prod-002', accepted: 0, damaged: 0 },
    ]),
  ).toMatchObject({
    kind: 'invalid',
    errors: [{ path: 'items[0].accepted' }, { path: 'items[1].productId' }],
  });
});

test('S6: the reconciler starts a return that a crash left without a saga', async () => {
  const at = await completed();
  at.app.hub.away = true;
  await at.flow.request();
  at.app.hub.away = false;
  at.app.pass(QUIET_MS);
  expect(await reconcile(at.app)).toMatchObject({ started: 1 });
  expect(at.app.calls).toContain('startReturn');
});

test('the reconciler wakes a live return that missed the inspection, and leaves one that waits alone', async () => {
  const at = await completed();
  await at.flow.request();
  const id = `${at.orderId}:return:1`;
  at.app.instances.delete(id);
  await reconcileAll(at);
  at.app.instances.set(id, { runtimeStatus: 'completed', output: null });
  await reconcileAll(at);
  expect(await statusOf(at)).toBe('authorised');
  at.app.instances.set(id, { runtimeStatus: 'running', output: null });
  at.app.calls.length = 0;
  await reconcileAll(at);
  expect(at.app.calls).toEqual([]);
  await at.flow.receive();
  await at.flow.inspect();
  at.app.calls.length = 0;
  at.app.pass(QUIET_MS);
  expect(await reconcile(at.app)).toMatchObject({ signalled: 1 });
  expect(at.app.calls).toEqual(['wake']);
});

test('the reconciler finishes a return whose orchestration is gone: refund and restocking, once', async () => {
  const at = await completed();
  await at.flow.request();
  at.app.instances.set(`${at.orderId}:return:1`, { runtimeStatus: 'terminated', output: null });
  await reconcileAll(at);
  await at.flow.receive();
  await at.flow.inspect(allAccepted);
  await reconcileAll(at);
  expect(await statusOf(at)).toBe('closed');
  const effects = at.app.services.ledger.map(({ effect }) => effect);
  expect(effects.slice(-2)).toEqual(['refunded', 'restocked']);
  expect(effects.filter((effect) => effect === 'refunded')).toHaveLength(1);
});

test('the reconciler rejects a return whose orchestration is gone and whose parcel did not come', async () => {
  const at = await completed();
  await at.flow.request();
  at.app.instances.set(`${at.orderId}:return:1`, { runtimeStatus: 'terminated', output: null });
  await reconcileAll(at);
  expect(await statusOf(at)).toBe('authorised');
  at.app.pass(15 * 86_400_000);
  await reconcileAll(at);
  expect(await statusOf(at)).toBe('rejected');
});
