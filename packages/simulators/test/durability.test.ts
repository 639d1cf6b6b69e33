import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { ManualClock, type Clock } from 'azure-local/kit/clock';
import { createCallHandler } from '../src/calls';
import { createFaults } from '../src/faults';
import { createLedger } from '../src/ledger';
import { createPayments } from '../src/payments';
import { createServicesServer } from '../src/server';
import { Journal } from 'azure-local/storage/journal';
import { until } from 'azure-local/kit/until';
import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

let folder: string;
let services: Services;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'services-'));
  services = await openServices({ file: path.join(folder, 'first.db') });
});
afterEach(async () => {
  await closeServices();
  rmSync(folder, { recursive: true, force: true });
});

/** What a SIGKILL at this moment would leave: the files as they are, opened by a new server. */
function openWhatAKillLeaves(): Promise<Services> {
  for (const suffix of ['', '-wal']) {
    const file = path.join(folder, `first.db${suffix}`);
    if (existsSync(file)) copyFileSync(file, path.join(folder, `second.db${suffix}`));
  }
  return openServices({ file: path.join(folder, 'second.db') });
}

const charge = (on: Services, orderId: string): Promise<Answer> =>
  on.post('/payments/charges', `${orderId}:pay`, { orderId, amountMinor: 100, currency: 'EUR' });

test('S26: a refusal survives a kill: it stays when its reason has gone', async () => {
  const lines = [{ productId: 'prod-scarce', quantity: 6 }];
  const reserve = (on: Services): Promise<Answer> => on.post('/inventory/reservations', 'r-1', { lines });
  const refused = await reserve(services);
  expect(refused.body).toMatchObject({ code: 'OUT_OF_STOCK' });

  const after = await openWhatAKillLeaves();
  await after.put('/control/stock/prod-scarce', { onHand: 6 });

  expect(await reserve(after)).toMatchObject({ status: 409, body: refused.body as object });
  expect((await after.get('/inventory/reservations/r-1')).body).toMatchObject({ status: 'refused' });
  expect(await after.effects()).toEqual([]);
});

test('a call that a kill cuts off in progress has not acted, and its key is free', async () => {
  await services.put('/control/faults', [{ service: 'payments', fault: 'inProgress', times: 1 }]);
  const cutOff = charge(services, 'o-1').catch((error: unknown) => error);
  await until('the charge is at work', () => services.clock.nextDueMs() !== undefined);

  const after = await openWhatAKillLeaves();

  expect(await after.effects()).toEqual([]);
  expect((await charge(after, 'o-1')).status).toBe(201);
  await services.close();
  expect(await cutOff).toBeInstanceOf(Error);
});

test('what was answered survives a kill: ledger, keys, tombstones and stock', async () => {
  const lines = [{ productId: 'prod-scarce', quantity: 2 }];
  const reserved = await services.post('/inventory/reservations', 'r-1', { lines });
  const charged = await charge(services, 'o-1');
  await services.post('/payments/charges/o-2%3Apay/refund', 'x');

  const after = await openWhatAKillLeaves();

  expect(await after.effects()).toEqual(['stockReserved', 'charged']);
  expect((await after.get('/control/stock/prod-scarce')).body).toEqual({ onHand: 5, reserved: 2 });
  expect(await after.post('/inventory/reservations', 'r-1', { lines })).toMatchObject({
    status: 200,
    body: reserved.body as object,
  });
  expect(await charge(after, 'o-1')).toMatchObject({ status: 200, body: charged.body as object });
  expect((await charge(after, 'o-2')).body).toMatchObject({ code: 'KEY_CLOSED' });
});

test('every one of a hundred concurrent charges that was answered is on disk at that moment', async () => {
  const orders = Array.from({ length: 100 }, (_, n) => `o-${n}`);
  await Promise.all(orders.map((orderId) => charge(services, orderId)));

  const after = await openWhatAKillLeaves();

  expect((await after.get('/control/summary')).body).toMatchObject({ charged: 100, chargedMinor: 10_000 });
});

test('an answer that was lost had its effect on disk', async () => {
  await services.put('/control/faults', [{ service: 'payments', fault: 'loseAnswer', times: 1 }]);
  await expect(charge(services, 'o-1')).rejects.toThrow();

  const after = await openWhatAKillLeaves();

  expect(await after.effects()).toEqual(['charged']);
});

test('an answer that is held had its effect on disk, and is not held again', async () => {
  await services.put('/control/faults', [{ service: 'payments', fault: 'holdAnswer', times: 1 }]);
  const held = charge(services, 'o-1').catch((error: unknown) => error);
  await until('the charge is in the ledger', async () => (await services.effects()).length === 1);

  const after = await openWhatAKillLeaves();

  expect(await after.effects()).toEqual(['charged']);
  expect((await charge(after, 'o-1')).status).toBe(200);
  await services.close();
  expect(await held).toBeInstanceOf(Error);
});

test('the fault plan goes on after a kill where it stood: times left and the random stream', async () => {
  const statuses = async (on: Services, from: number, to: number): Promise<number[]> => {
    const results: number[] = [];
    for (let n = from; n < to; n += 1) results.push((await charge(on, `o-${n}`)).status);
    return results;
  };
  const rules = [
    { service: 'payments', fault: 'down', times: 3 },
    { service: 'payments', fault: 'error', probability: 0.5, seed: 42 },
  ];
  await services.put('/control/faults', rules);
  const unbroken = await statuses(services, 0, 30);
  await services.put('/control/faults', rules);

  const before = await statuses(services, 100, 102);
  const after = await openWhatAKillLeaves();

  expect((await after.get('/control/faults')).body).toMatchObject([{ remaining: 1 }, { seed: 42 }]);
  const middle = await statuses(after, 102, 115);
  const last = await statuses(after, 115, 130);
  expect([...before, ...middle, ...last]).toEqual(unbroken);
});

test('a random stream goes on after a kill in its middle', async () => {
  const struck = async (on: Services, from: number, to: number): Promise<boolean[]> => {
    const results: boolean[] = [];
    for (let n = from; n < to; n += 1) results.push((await charge(on, `o-${n}`)).status === 500);
    return results;
  };
  const rules = [{ service: 'payments', fault: 'error', probability: 0.5, seed: 42 }];
  await services.put('/control/faults', rules);
  const unbroken = await struck(services, 0, 40);
  await services.put('/control/faults', rules);

  const before = await struck(services, 100, 117);
  const after = await openWhatAKillLeaves();

  expect([...before, ...(await struck(after, 117, 140))]).toEqual(unbroken);
});

test('a restart keeps the stock that was sold: the seed is entered once', async () => {
  await services.put('/control/stock/prod-scarce', { onHand: 1 });

  const after = await openWhatAKillLeaves();

  expect((await after.get('/control/stock/prod-scarce')).body).toMatchObject({ onHand: 1 });
});

test('a repeat is not answered before what it repeats is on disk', async () => {
  const journal = new Journal(':memory:');
  const clock = new ManualClock();
  const operation = createPayments(journal, createLedger(journal, clock))['POST /charges'];
  if (operation === undefined) throw new Error('payments has no POST /charges');
  const lifetime = new AbortController().signal;
  const handle = createCallHandler({ journal, clock, faults: createFaults(journal), lifetime });
  const body = { orderId: 'o-1', customerId: 'c-1', amountMinor: 100, currency: 'EUR' };
  const call = { service: 'payments', operation, key: 'k', body, orderId: 'o-1', customerId: 'c-1' } as const;
  const answered: string[] = [];

  const first = handle(call).then(() => answered.push('first'));
  const repeat = handle(call).then(() => answered.push('repeat'));
  await new Promise((resolve) => process.nextTick(resolve));
  expect(answered).toEqual([]);

  await Promise.all([first, repeat]);
  expect(answered).toEqual(['first', 'repeat']);
  await journal.close();
});

test('a call that has acted when the server closes is answered', async () => {
  const journal = new Journal(path.join(folder, 'closing.db'));
  const manual = new ManualClock();
  let closing: Promise<void> | undefined;
  let readings = 0;
  const clock: Clock = {
    now() {
      readings += 1;
      // Read for the log of requests, for the delay, and by the ledger in the middle of the effect.
      if (readings === 3) closing = server.close();
      return manual.now();
    },
    alarm: (dueMs, onDue) => manual.alarm(dueMs, onDue),
  };
  const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const server = createServicesServer({ journal, clock, log });
  const url = await server.listen(0);

  // The longest way to an answer.
  await request(`${url}/control/faults`, {
    method: 'PUT',
    body: JSON.stringify([{ service: 'payments', fault: 'slow', delayMs: 0 }]),
  });

  const { statusCode } = await request(`${url}/payments/charges`, {
    method: 'POST',
    headers: { 'idempotency-key': 'o-1:pay' },
    body: JSON.stringify({ orderId: 'o-1', customerId: 'c-1', amountMinor: 100, currency: 'EUR' }),
  });
  await closing;
  await journal.close();

  expect(closing).toBeDefined();
  expect(statusCode).toBe(201);
});
