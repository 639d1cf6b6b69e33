// An order whose shipping is a child orchestration with an id of its own. A failure of the child surfaces in the
// parent, which undoes its steps in reverse. Judged by the ledger of the simulated services.
import * as df from 'durable-functions';
import { cleanUp, openHub, type HubHarness } from 'azure-local/testing/durable-harness';
import { closeServices, openServices, type Services } from 'order-saga-simulators/testing/simulated-services';

interface Order {
  readonly orderId: string;
  readonly customerId: string;
}

/** One call of a simulated service. */
interface ServiceCall extends Order {
  readonly path: string;
  readonly key: string;
  readonly more?: object;
}

interface Outcome {
  readonly status: string;
  readonly reason?: string;
}

let services: Services;

const callOf = (order: Order, path: string, step: string, more?: object): ServiceCall => ({
  ...{ orderId: order.orderId, customerId: order.customerId },
  ...{ path, key: `${order.orderId}:${step}` },
  ...(more === undefined ? {} : { more }),
});

const undoOf = (order: Order, collection: string, step: string, how: string): ServiceCall => {
  const key = encodeURIComponent(`${order.orderId}:${step}`);
  return callOf(order, `/${collection}/${key}/${how}`, how);
};

beforeAll(() => {
  df.app.activity('callService', {
    handler: async ({ path, key, more, ...order }: ServiceCall) => {
      const { status, body } = await services.post(path, key, { ...order, ...more });
      if (status >= 300) throw new Error(`${path} answered ${status} ${JSON.stringify(body)}`);
    },
  });
  df.app.activity('printLabel', { handler: () => 'never called: a stand-in takes its place' });

  df.app.orchestration('shipping', function* (context) {
    const order = context.df.getInput<Order>();
    yield context.df.callActivity(
      'callService',
      callOf(order, '/shipping/shipments', 'ship', { itemCount: 1 }),
    );
    return (yield context.df.callActivity('printLabel', order)) as unknown;
  });

  df.app.orchestration('orderWithShipping', function* (context) {
    const order = context.df.getInput<Order>();
    const lines = [{ productId: 'lamp', quantity: 2 }];
    const undo: ServiceCall[] = [];
    try {
      undo.unshift(undoOf(order, 'inventory/reservations', 'reserve', 'release'));
      yield context.df.callActivity(
        'callService',
        callOf(order, '/inventory/reservations', 'reserve', { lines }),
      );
      undo.unshift(undoOf(order, 'payments/charges', 'charge', 'refund'));
      const money = { amountMinor: 4_999, currency: 'EUR' };
      yield context.df.callActivity('callService', callOf(order, '/payments/charges', 'charge', money));
      undo.unshift(undoOf(order, 'shipping/shipments', 'ship', 'cancel'));
      yield context.df.callSubOrchestrator('shipping', order, `${order.orderId}:shipping`);
      return { status: 'completed' };
    } catch (error) {
      for (const call of undo) yield context.df.callActivity('callService', call);
      return { status: 'failed', reason: (error as Error).message };
    }
  });
});

beforeEach(async () => {
  services = await openServices();
});
afterEach(async () => {
  await cleanUp();
  await closeServices();
});

/** An engine in which labels are printed as the test says. */
const openWithPrinter = (printLabel: () => Promise<unknown>): Promise<HubHarness> =>
  openHub({ activities: { printLabel } });

const place = ({ start }: HubHarness, customerId: string): Promise<string> =>
  start('orderWithShipping', { orderId: 'o-1', customerId }, 'o-1');

/** How parent and child have ended. */
async function endsOf({ engine, settled }: HubHarness): Promise<{ child: string; outcome: Outcome }> {
  await engine.ended('o-1');
  const [parent, child] = [await settled('o-1'), await settled('o-1:shipping')];
  expect([parent.name, child.name]).toEqual(['orderWithShipping', 'shipping']);
  expect(parent.runtimeStatus).toBe('Completed');
  return { child: child.runtimeStatus, outcome: parent.output as Outcome };
}

const UNDONE_AFTER_SHIPPING = [
  ...['stockReserved', 'charged', 'shipmentCreated'],
  ...['shipmentCancelled', 'refunded', 'stockReleased'],
];

test('a child that completes completes the order, and nothing is undone', async () => {
  const harness = await openWithPrinter(() => Promise.resolve('label'));
  await place(harness, 'c-1');
  expect(await endsOf(harness)).toEqual({ child: 'Completed', outcome: { status: 'completed' } });
  expect(await services.effects()).toEqual(['stockReserved', 'charged', 'shipmentCreated']);
});

test('a child whose first step is refused fails the order, which gives money and stock back', async () => {
  const harness = await openWithPrinter(() => Promise.resolve('label'));
  await place(harness, 'noship-1');
  const { child, outcome } = await endsOf(harness);
  expect([child, outcome.status]).toEqual(['Failed', 'failed']);
  expect(outcome.reason).toContain('CARRIER_REFUSED');
  expect(await services.effects()).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
});

test('a child that fails after its shipment has it cancelled by the order, before money and stock', async () => {
  const harness = await openWithPrinter(() => Promise.reject(new Error('the printer is out of paper')));
  await place(harness, 'c-1');
  const { child, outcome } = await endsOf(harness);
  expect([child, outcome.status]).toEqual(['Failed', 'failed']);
  expect(outcome.reason).toContain('the printer is out of paper');
  expect(await services.effects()).toEqual(UNDONE_AFTER_SHIPPING);
});

test('a child that an operator terminates is undone in the same order', async () => {
  let startPrinting: () => void = () => undefined;
  const printing = new Promise<void>((resolve) => (startPrinting = resolve));
  const harness = await openWithPrinter(() => {
    startPrinting();
    return new Promise(() => undefined);
  });
  await place(harness, 'c-1');
  await printing;
  await harness.call('POST', '/instances/o-1:shipping/terminate?reason=the%20van%20broke%20down');
  await harness.engine.ended('o-1');
  const parent = await harness.call('GET', '/instances/o-1');
  expect(parent.body).toMatchObject({
    output: { status: 'failed', reason: expect.stringContaining('the van broke down') as string },
  });
  expect(await services.effects()).toEqual(UNDONE_AFTER_SHIPPING);
});
