import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { wallClock } from 'azure-local/kit/clock';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { createServicesServer } from '../src/server';
import { Journal } from 'azure-local/storage/journal';
import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

let services: Services;
beforeEach(async () => {
  services = await openServices();
});
afterEach(closeServices);

const charge = (orderId: string, more: object = {}): Promise<Answer> =>
  services.post('/payments/charges', `${orderId}:ProcessPayment`, {
    ...{ orderId, amountMinor: 250, currency: 'EUR' },
    ...more,
  });
const ship = (orderId: string): Promise<Answer> =>
  services.post('/shipping/shipments', `${orderId}:CreateShipment`, { orderId, itemCount: 1 });

test('a line of the ledger says what was done, when, for whom and under which key', async () => {
  const { body } = await charge('o-7');

  expect((await services.get('/control/ledger?orderId=o-7')).body).toEqual([
    {
      seq: 1,
      at: new Date(services.clock.now()).toISOString(),
      service: 'payments',
      effect: 'charged',
      orderId: 'o-7',
      customerId: 'c-1',
      key: 'o-7:ProcessPayment',
      reference: (body as { transactionId: string }).transactionId,
      amount: 250,
      currency: 'EUR',
    },
  ]);
});

test('the ledger can be filtered by order, service and effect', async () => {
  await charge('o-1');
  await ship('o-1');
  await charge('o-2');

  expect(await services.effects('?orderId=o-1')).toEqual(['charged', 'shipmentCreated']);
  expect(await services.effects('?service=payment')).toEqual(['charged', 'charged']);
  expect(await services.effects('?orderId=o-1&effect=shipmentCreated')).toEqual(['shipmentCreated']);
  expect(await services.effects('?orderId=o-9')).toEqual([]);
});

test('the whole ledger is read in pages that follow on from a sequence number', async () => {
  for (const orderId of ['o-1', 'o-2', 'o-3']) await charge(orderId);
  const page = async (after: number): Promise<unknown> =>
    (await services.get(`/control/ledger?after=${after}&limit=2`)).body;

  expect(await page(0)).toMatchObject([{ orderId: 'o-1' }, { orderId: 'o-2' }]);
  expect(await page(2)).toMatchObject([{ orderId: 'o-3' }]);
});

test.each(['effect=paid', 'limit=0', 'after=x', 'orderid=o-1', 'service=bank'])(
  'the ledger query %s is refused',
  async (query) => {
    expect(await services.get(`/control/ledger?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_QUERY' },
    });
  },
);

test('the summary balances money, shipments and reservations', async () => {
  const reserve = (key: string): Promise<Answer> =>
    services.post('/inventory/reservations', key, { lines: [{ productId: 'p-1', quantity: 1 }] });
  expect((await services.get('/control/summary')).body).toMatchObject({ charged: 0, chargedMinor: 0 });

  await Promise.all([
    reserve('r-1'),
    reserve('r-2'),
    reserve('r-3'),
    charge('o-1'),
    charge('o-2'),
    ship('o-1'),
  ]);
  await services.post('/inventory/reservations/r-1/confirm', 'x-1');
  await services.post('/inventory/reservations/r-2/release', 'x-2');
  await services.post('/payments/charges/o-2%3AProcessPayment/refund', 'x-3');
  await services.post('/shipping/shipments/o-1%3ACreateShipment/cancel', 'x-4');

  expect((await services.get('/control/summary')).body).toEqual({
    ...{ charged: 2, refunded: 1, chargedMinor: 500, refundedMinor: 250 },
    ...{ shipmentsCreated: 1, shipmentsCancelled: 1 },
    ...{ reserved: 3, released: 1, confirmed: 1 },
  });
});

test('stock can be set with and without what is reserved of it', async () => {
  expect((await services.put('/control/stock/a%2Fb', { onHand: 9, reserved: 2 })).body).toEqual({
    onHand: 9,
    reserved: 2,
  });
  await services.put('/control/stock/a%2Fb', { onHand: 4 });

  expect((await services.get('/control/stock/a%2Fb')).body).toEqual({ onHand: 4, reserved: 2 });
});

test.each([
  [{ onHand: -1 }, 'onHand'],
  [{ onHand: 1.5 }, 'onHand'],
  [{}, 'onHand'],
  [{ onHand: 1, reserved: 'many' }, 'reserved'],
])('the stock %j is refused naming the field', async (body, field) => {
  expect(await services.put('/control/stock/p-1', body)).toMatchObject({
    status: 400,
    body: { code: 'INVALID_BODY', errors: [{ path: field }] },
  });
});

test('a product with the prefix oos- shows an empty shelf', async () => {
  expect((await services.get('/control/stock/oos-1')).body).toEqual({ onHand: 0, reserved: 0 });
});

test('the built-in seed names plenty of prod-001 and a scarce product', async () => {
  const onHand = async (id: string): Promise<number> =>
    ((await services.get(`/control/stock/${id}`)).body as { onHand: number }).onHand;

  expect(await onHand('prod-001')).toBeGreaterThanOrEqual(1_000_000);
  expect(await onHand('prod-scarce')).toBe(5);
});

test('every call is kept with what it sent and how it was answered, refused and repeated ones too', async () => {
  const headers = {
    'idempotency-key': 'o-1:ProcessPayment',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'x-correlation-id': 'corr-1',
  };
  const body = JSON.stringify({ orderId: 'o-1', customerId: 'c-1', amountMinor: 1, currency: 'EUR' });
  await services.send('POST', '/payments/charges', { headers, body });
  await services.send('POST', '/payments/charges', { headers, body });
  await charge('o-2', { customerId: 'declined-1' });
  await services.get('/payments/charges/o-1%3AProcessPayment?orderId=o-1');

  expect((await services.get('/control/requests')).body).toMatchObject([
    { status: 201 },
    { status: 200 },
    { orderId: 'o-2', status: 402 },
    { operation: 'lookUp', key: 'o-1:ProcessPayment', status: 200 },
  ]);
  expect((await services.get('/control/requests?orderId=o-1')).body).toMatchObject([
    {
      at: new Date(services.clock.now()).toISOString(),
      service: 'payments',
      operation: 'charge',
      method: 'POST',
      path: '/payments/charges',
      key: 'o-1:ProcessPayment',
      traceparent: headers.traceparent,
      correlationId: 'corr-1',
      status: 201,
    },
    { status: 200 },
    { operation: 'lookUp' },
  ]);
});

test('the last thousand calls are kept, oldest first', async () => {
  await services.get('/payments/charges/o-first%3Apay');
  await Promise.all(Array.from({ length: 999 }, (_, n) => services.get(`/payments/charges/o-${n}%3Apay`)));
  await services.get('/payments/charges/o-last%3Apay');

  const kept = (await services.get('/control/requests')).body as { orderId: string }[];

  expect(kept).toHaveLength(1_000);
  expect(kept.at(-1)?.orderId).toBe('o-last');
  expect(kept.map(({ orderId }) => orderId)).not.toContain('o-first');
});

test('a POST without an idempotency key is refused', async () => {
  const body = JSON.stringify({ orderId: 'o-1', customerId: 'c-1', itemCount: 1 });

  expect(await services.send('POST', '/shipping/shipments', { body })).toMatchObject({
    status: 400,
    body: { code: 'IDEMPOTENCY_KEY_REQUIRED' },
  });
});

test.each([
  ['/payments/charges', { amountMinor: '100', currency: 'EUR' }, 'amountMinor'],
  ['/payments/charges', { amountMinor: 1.5, currency: 'EUR' }, 'amountMinor'],
  ['/payments/charges', { amountMinor: 100, currency: 'EUR', orderId: 5 }, 'orderId'],
  ['/inventory/reservations', { lines: [] }, 'lines'],
  ['/inventory/reservations', { lines: [{ productId: 'p', quantity: 0 }] }, 'lines[0].quantity'],
  ['/shipping/shipments', { itemCount: 1, customerId: '' }, 'customerId'],
  ['/payments/charges/k/refund', { orderId: null }, 'orderId'],
])('%s refuses the body %j naming the field', async (route, body, field) => {
  expect(await services.post(route, 'k', body)).toMatchObject({
    status: 400,
    body: { code: 'INVALID_BODY', errors: [{ path: field }] },
  });
});

test.each(['', '{', 'null', '[]', '"text"', '5'])('the body %j is refused with a 400', async (body) => {
  const headers = { 'idempotency-key': 'k' };

  expect((await services.send('POST', '/payments/charges', { headers, body })).status).toBe(400);
  expect((await services.send('PUT', '/control/stock/p-1', { body })).status).toBe(400);
});

test('a body of 3 MB is taken and one of more than 5 MB refused', async () => {
  const padded = (bytes: number): Promise<Answer> =>
    services.post('/shipping/shipments', 'k', { itemCount: 1, address: 'x'.repeat(bytes) });

  expect(await padded(6_000_000)).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  expect((await padded(3_000_000)).status).toBe(201);
});

test.each([
  ['GET', '/'],
  ['GET', '/payments'],
  ['DELETE', '/payments/charges'],
  ['POST', '/payments/charges/k/explode'],
  ['GET', '/payments/charges/'],
  ['GET', '/payments/charges/%zz'],
  ['POST', '/payments/charges/k/refund/more'],
  ['GET', '/toString/x'],
])('%s %s is unknown and is answered with a 404 that says what there is', async (method, route) => {
  expect(await services.send(method, route)).toMatchObject({
    status: 404,
    body: {
      code: 'NO_SUCH_ROUTE',
      message: expect.stringContaining('GET /payments/charges/{key}') as string,
    },
  });
});

test('an idle connection is kept longer than the 30 s for which clients keep theirs', async () => {
  const { headers } = await services.get('/control/health');

  expect(Number(/timeout=(\d+)/.exec(String(headers['keep-alive']))?.[1])).toBeGreaterThan(30);
});

test('the health route answers', async () => {
  expect(await services.get('/control/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
});

describe('starting', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'services-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const seedFile = (text: string): string => {
    const file = path.join(folder, 'seed.json');
    writeFileSync(file, text);
    return file;
  };

  test('a seed file takes the place of the built-in stock', async () => {
    const seeded = await openServices({ seedFile: seedFile('{ "mine": { "onHand": 3 } }') });

    expect((await seeded.get('/control/stock/mine')).body).toEqual({ onHand: 3, reserved: 0 });
    expect((await seeded.get('/control/stock/prod-scarce')).body).toMatchObject({ unlimited: true });
  });

  test.each(['{', '[]', '{ "mine": { "onHand": -3 } }', '{ "mine": 3 }'])(
    'the seed file %j is refused with what it should look like',
    async (text) => {
      await expect(openServices({ seedFile: seedFile(text) })).rejects.toThrow(
        /seed\.json cannot be used: .*"onHand": 1000/s,
      );
    },
  );

  test('a port that is taken is named together with the flag that changes it', async () => {
    const other = createServer();
    const port = await listenOnLoopback(other, 0, 'other', '--other');
    const journal = new Journal(':memory:');
    const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
    const server = createServicesServer({ journal, clock: wallClock(), log });

    await expect(server.listen(port)).rejects.toThrow(/simulated services.*--services-port/s);

    await server.close();
    await journal.close();
    other.close();
  });
});
