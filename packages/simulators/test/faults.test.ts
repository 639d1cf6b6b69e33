// What each fault of a plan does to a call: its answer, its effect, and what comes after it under the same key.
import type { Answer } from '../testing/simulated-services';
import { until } from 'azure-local/kit/until';
import { CHARGE, charge, plan, refund, services, servicesPerTest } from '../testing/charges';

servicesPerTest();

const requests = async (): Promise<unknown> => (await services.get('/control/requests')).body;

test.each([
  ['error', 500, 'SIMULATED_ERROR'],
  ['down', 503, 'SIMULATED_OUTAGE'],
  ['refuse', 402, 'CARD_DECLINED'],
])('%s answers with %i and has no effect', async (fault, status, code) => {
  await plan({ service: 'payments', operation: 'charge', fault });

  expect(await charge()).toMatchObject({ status, body: { code } });
  expect(await services.effects()).toEqual([]);
});

test('down answers with Retry-After, and look-ups are down too', async () => {
  await plan({ service: 'payments', fault: 'down' });

  const answer = await services.get(CHARGE);

  expect(answer.status).toBe(503);
  expect(answer.headers['retry-after']).toBe('1');
});

test.each([
  [
    'inventory',
    'reserve',
    '/inventory/reservations',
    { lines: [{ productId: 'p', quantity: 1 }] },
    'OUT_OF_STOCK',
  ],
  ['inventory', 'release', '/inventory/reservations/k/release', {}, 'RELEASE_REFUSED'],
  ['payments', 'refund', '/payments/charges/k/refund', {}, 'REFUND_REFUSED'],
  ['shipping', 'ship', '/shipping/shipments', { itemCount: 1 }, 'CARRIER_REFUSED'],
  ['shipping', 'cancel', '/shipping/shipments/k/cancel', {}, 'CANCEL_REFUSED'],
])('refuse makes %s %s refuse in its own way', async (service, operation, path, body, code) => {
  await plan({ service, operation, fault: 'refuse' });

  expect((await services.post(path, 'k', body)).body).toMatchObject({ code });
});

test('refuse makes a confirmation refuse and leaves the pieces reserved', async () => {
  await services.post('/inventory/reservations', 'k', { lines: [{ productId: 'p', quantity: 1 }] });
  await plan({ service: 'inventory', operation: 'confirm', fault: 'refuse' });

  expect(await services.post('/inventory/reservations/k/confirm', 'k:confirm')).toMatchObject({
    status: 409,
    body: { code: 'CONFIRM_REFUSED' },
  });
  expect(await services.effects()).toEqual(['stockReserved']);
});

test('refuse never applies to a call that has already acted, for a refusal says that nothing was done', async () => {
  const { body } = await charge();
  await plan({ service: 'payments', fault: 'refuse', times: 1 });

  expect(await charge()).toMatchObject({ status: 200, body: body as object });
  expect((await services.get(CHARGE)).status).toBe(200);
  expect(await refund()).toMatchObject({ body: { code: 'REFUND_REFUSED' } });
});

test('hang never answers and has no effect', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'hang', times: 1 });
  const patience = new AbortController();
  const hanging = services.send('POST', '/payments/charges', {
    headers: { 'idempotency-key': 'o-1:ProcessPayment' },
    body: JSON.stringify({ orderId: 'o-1', customerId: 'c-1', amountMinor: 100, currency: 'EUR' }),
    signal: patience.signal,
  });
  await until('the fault has struck', async () => {
    const { body } = await services.get('/control/faults');
    return (body as { remaining: number }[])[0]?.remaining === 0;
  });

  services.clock.advance(3_600_000);
  patience.abort();

  await expect(hanging).rejects.toThrow('aborted');
  expect(await requests()).toMatchObject([{ operation: 'charge', status: null }]);
  expect((await services.get(CHARGE)).status).toBe(404);
});

test('a server that closes lets go of those it keeps hanging', async () => {
  await plan({ service: 'payments', fault: 'hang' });
  const hanging = charge().catch((error: unknown) => error);
  await until('the call came in', async () => ((await requests()) as object[]).length === 1);

  await services.close();

  expect(await hanging).toBeInstanceOf(Error);
});

test('loseAnswer acts and drops the connection; the look-up finds what was done', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'loseAnswer', times: 1 });

  await expect(charge()).rejects.toThrow();

  expect((await services.get(CHARGE)).body).toMatchObject({ status: 'charged' });
  expect((await charge()).status).toBe(200);
  expect(await services.effects()).toEqual(['charged']);
});

test('holdAnswer acts and never answers; the look-up finds what was done, and a repeat is answered', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'holdAnswer', times: 1 });
  const patience = new AbortController();
  const held = services.send('POST', '/payments/charges', {
    headers: { 'idempotency-key': 'o-1:ProcessPayment' },
    body: JSON.stringify({ orderId: 'o-1', customerId: 'c-1', amountMinor: 100, currency: 'EUR' }),
    signal: patience.signal,
  });
  await until('the charge is in the ledger', async () => (await services.effects()).length === 1);

  services.clock.advance(3_600_000);
  expect(await requests()).toMatchObject([{ operation: 'charge', status: null }]);
  patience.abort();
  await expect(held).rejects.toThrow('aborted');

  expect((await services.get(CHARGE)).body).toMatchObject({ status: 'charged' });
  expect((await charge()).status).toBe(200);
  expect(await services.effects()).toEqual(['charged']);
});

test('slow acts after its delay by the clock', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'slow', delayMs: 5_000 });
  const slow = charge();
  await until('the call is waiting', () => services.clock.nextDueMs() !== undefined);

  services.clock.advance(4_999);
  expect(await services.effects()).toEqual([]);
  services.clock.advance(1);

  expect((await slow).status).toBe(201);
  expect(await services.effects()).toEqual(['charged']);
});

test('slow waits a second when no delay is given', async () => {
  await plan({ service: 'payments', fault: 'slow' });
  const slow = charge();
  const dueMs = await until('the call is waiting', () => services.clock.nextDueMs());

  expect(dueMs - services.clock.now()).toBe(1_000);
  services.clock.advance(1_000);
  expect((await slow).status).toBe(201);
});

test('a slow charge cannot overtake its refund', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'slow' });
  const late = charge();
  await until('the charge is waiting', () => services.clock.nextDueMs() !== undefined);
  expect((await refund()).body).toEqual({ found: 'closed' });

  services.clock.advance(1_000);

  expect(await late).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.effects()).toEqual([]);
});

test('S26: a slow refund meets the charge that came first', async () => {
  await plan({ service: 'payments', operation: 'refund', fault: 'slow' });
  const late = refund();
  await until('the refund is waiting', () => services.clock.nextDueMs() !== undefined);
  expect((await charge()).status).toBe(201);

  services.clock.advance(1_000);

  expect((await late).body).toMatchObject({ found: 'undone' });
  expect(await services.effects()).toEqual(['charged', 'refunded']);
});

describe('a charge in progress', () => {
  let charging: Promise<Answer>;
  beforeEach(async () => {
    await plan({ service: 'payments', operation: 'charge', fault: 'inProgress', delayMs: 5_000, times: 1 });
    charging = charge();
    await until('the charge is at work', () => services.clock.nextDueMs() !== undefined);
  });

  test('S26: refuses its refund and its repeat with 409, without effect, until it has acted', async () => {
    for (const meeting of [await refund(), await charge()])
      expect(meeting).toMatchObject({ status: 409, body: { code: 'KEY_IN_PROGRESS' } });

    services.clock.advance(5_000);

    expect((await charging).status).toBe(201);
    expect((await charge()).status).toBe(200);
    expect((await refund()).body).toMatchObject({ found: 'undone' });
    expect(await services.effects()).toEqual(['charged', 'refunded']);
  });

  test('S26: is not found by a look-up, which proves nothing', async () => {
    expect((await services.get(CHARGE)).status).toBe(404);

    services.clock.advance(5_000);
    await charging;

    expect((await services.get(CHARGE)).body).toMatchObject({ status: 'charged' });
  });

  test('does not block other keys', async () => {
    expect((await charge({}, 'o-2:ProcessPayment')).status).toBe(201);
    expect((await services.post('/shipping/shipments', 'o-1:ProcessPayment', { itemCount: 1 })).status).toBe(
      201,
    );

    services.clock.advance(5_000);
    await charging;
  });

  test('never acts once the server has closed', async () => {
    const cutOff = charging.catch((error: unknown) => error);

    await services.close();

    expect(await cutOff).toBeInstanceOf(Error);
    expect(services.clock.nextDueMs()).toBeUndefined();
  });
});

test('a call that would have no effect is only slow, and does not block its key', async () => {
  await charge();
  await plan({ service: 'payments', fault: 'inProgress', times: 2 });
  const [repeat, found] = [charge(), services.get(CHARGE)];
  await until('both are waiting', async () => ((await requests()) as object[]).length === 3);

  expect((await refund()).body).toMatchObject({ found: 'undone' });
  services.clock.advance(1_000);

  expect((await repeat).body).toMatchObject({ code: 'KEY_CLOSED' });
  expect((await found).body).toMatchObject({ status: 'refunded' });
});

test('S26: a call that the fault plan refuses is refused for good under its key', async () => {
  await plan({ service: 'payments', operation: 'charge', fault: 'refuse', times: 1 });

  expect((await charge()).status).toBe(402);
  expect(await charge()).toMatchObject({ status: 402, body: { code: 'CARD_DECLINED' } });
  expect((await charge({}, 'o-2:ProcessPayment')).status).toBe(201);
});

test('a slow call never acts once the server has closed', async () => {
  await plan({ service: 'payments', fault: 'slow' });
  const cutOff = charge().catch((error: unknown) => error);
  await until('the call is waiting', () => services.clock.nextDueMs() !== undefined);

  await services.close();

  expect(await cutOff).toBeInstanceOf(Error);
  expect(services.clock.nextDueMs()).toBeUndefined();
  expect(services.errors).toEqual([]);
});
