// Events of the inventory come in, and change what can be ordered; what becomes of orders is told to customers. While the
// whole system runs.
import { execFileSync } from 'node:child_process';
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import {
  createSystemClient,
  isEnded,
  poll,
  type LedgerLine,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { cloudEvent, eventGrid, inventoryEvent } from '../support/inventory-event-input';
import { signedInClient } from '../support/tenant-client';
import { createOrderCaller, newCustomer, order, type OrderCaller } from '../support/order-caller';

let system: RunningSystem;
let client: SystemClient;
let caller: OrderCaller;
let cosmos: CosmosClient;

beforeAll(async () => {
  system = await startSystem();
  client = createSystemClient(system.urls);
  caller = createOrderCaller(system.urls.api);
  cosmos = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY });
});
afterAll(async () => {
  cosmos.dispose();
  await system.stop();
});

async function deliver(body: unknown, contentType = 'application/json'): Promise<number> {
  const url = `${system.urls.api}/runtime/webhooks/EventGrid?functionName=HandleInventoryEvent`;
  const headers = { 'content-type': contentType, 'aeg-event-type': 'Notification' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

const stockOf = (productId: string, onHand: number, time = new Date().toISOString()) =>
  inventoryEvent({ id: `${productId}-${onHand}-${time}`, time, data: { productId, onHand, reserved: 0 } });
const priceOf = (productId: string, unitPriceMinor: number) => {
  const data = { productId, currency: 'USD', unitPriceMinor };
  return inventoryEvent({
    id: `${productId}-${unitPriceMinor}`,
    type: 'Inventory.PriceChanged',
    time: new Date().toISOString(),
    data,
  });
};
const ordering = (productId: string, unitPrice = 10, customer = newCustomer()): object =>
  order(customer, { items: [{ productId, productName: 'Lamp', quantity: 1, unitPrice }] });

interface ViewDocument {
  readonly stock: { readonly onHand: number } | null;
}
const viewOf = async (productId: string): Promise<ViewDocument | undefined> =>
  (await cosmos.database('orders-db').container('inventory').item('echo', productId).read<ViewDocument>())
    .resource;

/** What operators are shown of events that could not be taken. */
async function parkedEvents(): Promise<{ readonly id: string; readonly reason: string }[]> {
  const operator = signedInClient(system, { roles: ['operator'] });
  const parked = JSON.parse((await operator.get('ops/parked')).text) as { reason: string; text: string }[];
  return parked.map(({ reason, text }) => ({ reason, id: (JSON.parse(text) as { id: string }).id }));
}

describe('a stock update', () => {
  test.each([
    ['in the Event Grid schema', (productId: string) => deliver([eventGrid(stockOf(productId, 0))])],
    [
      'as a CloudEvent',
      (productId: string) => deliver(cloudEvent(stockOf(productId, 0)), 'application/cloudevents+json'),
    ],
  ])(
    '%s changes what the next order is checked against, and no call is needed for that',
    async (how, tell) => {
      const productId = `short ${how}`;
      expect((await caller.post(ordering(productId), {}, '?wait=20')).json.status).toBe('completed');
      expect(await tell(productId)).toBeLessThan(300);
      const { json } = await caller.post(ordering(productId), {}, '?wait=20');
      expect(json).toMatchObject({
        ...{ status: 'failed', failureCode: 'INVENTORY_ERROR', failureDetailCode: 'OUT_OF_STOCK' },
      });
      expect(await client.ledger(json.id)).toEqual([]);
      await deliver([eventGrid(stockOf(productId, 5))]);
      expect((await caller.post(ordering(productId), {}, '?wait=20')).json.status).toBe('completed');
    },
  );

  test('that is dated a year ahead is parked, and what comes now counts', async () => {
    const ahead = stockOf('p-ahead', 0, new Date(Date.now() + 365 * 86_400_000).toISOString());
    expect(await deliver([eventGrid(ahead)])).toBeLessThan(300);
    await deliver([eventGrid(stockOf('p-ahead', 5))]);
    expect((await viewOf('p-ahead'))?.stock?.onHand).toBe(5);
    const reasons = (await parkedEvents()).filter(({ id }) => id === ahead.id).map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringContaining('more than 5 minutes ahead of our clock')]);
  });

  test('that is older, or comes again, changes nothing', async () => {
    const newest = stockOf('p-order', 3, '2026-02-01T00:00:00Z');
    await deliver([eventGrid(newest), eventGrid(stockOf('p-order', 9, '2026-01-01T00:00:00Z'))]);
    await deliver([cloudEvent({ ...newest, data: { productId: 'p-order', onHand: 8, reserved: 0 } })]);
    expect((await viewOf('p-order'))?.stock?.onHand).toBe(3);
  });

  test('among a thousand in one batch is in the view, of each product the newest', async () => {
    const batch = Array.from({ length: 1_000 }, (_, n) =>
      eventGrid(stockOf(`p-batch-${n % 20}`, n, new Date(Date.UTC(2026, 0, 1) + n).toISOString())),
    );
    expect(await deliver(batch)).toBeLessThan(300);
    for (const n of [0, 7, 19]) expect((await viewOf(`p-batch-${n}`))?.stock?.onHand).toBe(980 + n);
  });

  test('of unknown type or malformed is accepted; what is malformed is parked', async () => {
    const malformed = eventGrid(
      inventoryEvent({ id: 'malformed-1', data: { productId: 'p-bad', onHand: -1, reserved: 0 } }),
    );
    expect(
      await deliver([eventGrid(inventoryEvent({ type: 'Inventory.Recalled' })), malformed]),
    ).toBeLessThan(300);
    const parked = (await parkedEvents()).map(({ id }) => id);
    expect(parked).toContain('malformed-1');
  });

  test('is published by the inventory service on every change, so the inventory view follows by itself', async () => {
    await fetch(`${system.urls.services}/control/stock/p-told`, {
      ...{ method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"onHand":7}' },
    });
    await until('the inventory view has it', async () => (await viewOf('p-told'))?.stock?.onHand === 7);
    await caller.post(ordering('p-told'), {}, '?wait=20');
    await until('the inventory view has the sale', async () => (await viewOf('p-told'))?.stock?.onHand === 6);
  });
});

describe('a price change', () => {
  test('is the price that the next order must have, and leaves orders already taken', async () => {
    const body = ordering('p-price', 10);
    const taken = await caller.post(body, { 'idempotency-key': 'before-the-change' }, '?wait=20');
    await deliver([eventGrid(priceOf('p-price', 1_250))]);
    const refused = await caller.post(ordering('p-price', 10));
    expect(refused.json).toMatchObject({
      ...{ status: 422, code: 'PRICE_CHANGED' },
      errors: [{ path: 'items[0].unitPrice', currentUnitPrice: 12.5 }],
    });
    expect((await caller.post(ordering('p-price', 12.5), {}, '?wait=20')).json.status).toBe('completed');
    const again = await caller.post(body, { 'idempotency-key': 'before-the-change' });
    expect(again.json).toMatchObject({ id: taken.json.id, totalAmount: 10 });
  });
});

describe('npm run send:eventgrid', () => {
  test.each(['eventgrid', 'cloudevents'])('prints the URL and the answer (%s)', (schema) => {
    const program = ['dist/local/send-eventgrid.js', 'StockLow', 'p-cli', '--data', system.dataDir];
    const said = execFileSync(process.execPath, [...program, '--schema', schema], { encoding: 'utf8' });
    expect(said).toContain(
      `POST ${system.urls.api}/runtime/webhooks/EventGrid?functionName=HandleInventoryEvent`,
    );
    expect(said).toMatch(/\n20[02] /);
  });
});

describe('a customer', () => {
  const told = async (orderId: string): Promise<string[]> => {
    const lines = (await client.ledger(orderId)) as readonly (LedgerLine & { readonly key: string })[];
    return lines.filter(({ effect }) => effect === 'notified').map(({ key }) => key);
  };

  test('gets one notification that the order is completed', async () => {
    const { json } = await caller.post(ordering('p-mail'), {}, '?wait=20');
    await until('the customer is notified', async () => (await told(json.id)).length > 0);
    expect(await told(json.id)).toEqual([`${json.id}:confirmation`]);
  });

  test('gets a notification that the order is cancelled, and none that it is completed', async () => {
    const customer = newCustomer();
    await client.planFaults([
      { service: 'payments', customerId: customer, fault: 'slow', delayMs: 1_000, times: 1 },
    ]);
    const { json } = await caller.post(ordering('p-mail', 10, customer));
    await fetch(`${caller.orders}/${json.id}/cancel`, { method: 'POST' });
    await poll(() => client.order(json.id), isEnded);
    await until('the customer is notified', async () => (await told(json.id)).length > 0);
    expect(await told(json.id)).toEqual([`${json.id}:cancellation`]);
  });
});
