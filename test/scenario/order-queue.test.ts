// Orders as messages, sent and looked at with the official SDK while the whole system runs.
import { execFileSync } from 'node:child_process';
import { message } from 'rhea';
import { types } from 'azure-local/servicebus/amqp-types';
import { isEnded, poll, createSystemClient, type SystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { openHangingExporters, type HangingExporters } from '../support/hanging-exporters';
import { createOrderCaller, newCustomer, order, type OrderCaller } from '../support/order-caller';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';
import { sendRaw } from 'azure-local/testing/raw-sender';

let system: RunningSystem;
let client: SystemClient;
let caller: OrderCaller;
let queue: OrderQueue;
let exporters: HangingExporters;

/** Every order here is taken while the exporters of traces and metrics wait for an answer that never comes. */
beforeAll(async () => {
  exporters = await openHangingExporters();
  system = await startSystem(exporters);
  client = createSystemClient(system.urls);
  caller = createOrderCaller(system.urls.api);
  queue = openOrderQueue(system.urls.servicebus);
});
afterAll(async () => {
  await queue.close();
  await system.stop();
  exporters.close();
});

/** The order that the message with this id became: the same body under the same key over HTTP gives it. */
async function orderOf(messageId: string, body: object): Promise<string> {
  const { json } = await caller.post(body, { 'idempotency-key': messageId });
  return json.id;
}

/** The first order of this customer, once there is one; looks only, so that it comes of a message if at all. */
async function placedBy(customer: string): Promise<{ readonly id: string }> {
  const [placed] = await until('the order is there', async () => {
    const found = await caller.listOf(customer);
    return found.length > 0 && found;
  });
  if (placed === undefined) throw new Error(`${customer} has no order.`);
  return placed;
}

/** Which messages are dead letters, and why. */
const letters = async (): Promise<unknown[]> =>
  (await queue.deadLetters()).map(({ messageId, deadLetterErrorDescription }) => ({
    messageId,
    deadLetterErrorDescription,
  }));

const charges = async (orderId: string): Promise<number> =>
  (await client.ledger(orderId)).filter(({ effect }) => effect === 'charged').length;

describe('a message on the queue orders', () => {
  test('becomes a completed order that can be read over HTTP, and is gone from the queue', async () => {
    const customer = newCustomer();
    await queue.send(orderMessage('queue-1', order(customer)));
    const placed = await placedBy(customer);
    const done = await poll(() => client.order(placed.id), isEnded);
    expect(done).toMatchObject({ status: 'completed', totalAmount: 99.98 });
    await queue.drained();
    expect(await letters()).toEqual([]);
  });

  test.each<[string, (text: string) => unknown]>([
    ['bytes without a content type', (text) => message.data_section(Buffer.from(text)) as unknown],
    ['a text, which is an AMQP value', (text) => text],
  ])('may be %s', async (_what, bodyOf) => {
    const customer = newCustomer();
    const before = await letters();
    const body = bodyOf(JSON.stringify(order(customer)));
    await sendRaw(system.urls.servicebus, 'orders', { message_id: `body of ${customer}`, body });
    const { id } = await placedBy(customer);
    await queue.drained();
    expect(await letters()).toEqual(before);
    expect(await poll(() => client.order(id), isEnded)).toMatchObject({ status: 'completed' });
  });

  test.each<[string, (last: number) => unknown, string]>([
    [
      'a UUID',
      (last) => types.wrap_uuid(Buffer.from(`0af7651916cd43dd8448eb211c80310${last}`, 'hex')),
      '0af76519-16cd-43dd-8448-eb211c803101',
    ],
    ['an integer', (last) => types.wrap_ulong(7_000 + last), '7001'],
    [
      'an integer that no double holds',
      (last) => types.wrap_ulong(Buffer.from(`fffffffffffffff${last}`, 'hex')),
      '18446744073709551601',
    ],
  ])('may have %s as its id: written as text it is the key of the order', async (_what, idOf, key) => {
    const customer = newCustomer();
    const before = await letters();
    const body = order(customer);
    await sendRaw(system.urls.servicebus, 'orders', {
      ...{
        message_id: idOf(1) as string,
        body: message.data_section(Buffer.from(JSON.stringify(body))) as unknown,
      },
    });
    const placed = await placedBy(customer);
    const orderId = await orderOf(key, body);
    expect(placed.id).toBe(orderId);
    await queue.drained();
    expect(await letters()).toEqual(before);
    expect(await poll(() => client.order(orderId), isEnded)).toMatchObject({ status: 'completed' });
  });

  test('can be sent with npm run send:order, which finds the system by its data folder', async () => {
    const customer = newCustomer();
    const program = ['dist/local/send-order.js', '--data', system.dataDir, '--customer', customer];
    const said = execFileSync(process.execPath, program, { encoding: 'utf8' });
    expect(said).toContain(`curl -s ${caller.orders}/customer/${customer}`);
    const placed = await placedBy(customer);
    expect(await poll(() => client.order(placed.id), isEnded)).toMatchObject({ status: 'completed' });
  });

  test('gives its correlation id and trace context to every downstream call', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = order(newCustomer());
    await queue.send(
      orderMessage('traced', body, {
        correlationId: 'trace-the-queue',
        applicationProperties: { traceparent },
      }),
    );
    await queue.drained();
    const orderId = await orderOf('traced', body);
    await poll(() => client.order(orderId), isEnded);
    const response = await fetch(`${system.urls.services}/control/requests?orderId=${orderId}`);
    const calls = (await response.json()) as object[];
    expect(calls.length).toBeGreaterThanOrEqual(4);
    const inTrace = expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string;
    for (const call of calls)
      expect(call).toMatchObject({ correlationId: 'trace-the-queue', traceparent: inTrace });
  });
});

describe('a message that cannot become an order lies in the dead-letter queue', () => {
  test.each<[string, string, unknown, RegExp]>([
    ['text that is not JSON', 'InvalidJson', Buffer.from('{"customerId":'), /not JSON/],
    ['an empty body', 'InvalidJson', Buffer.alloc(0), /not JSON/],
    ['an array', 'DeserializationFailed', [], /an array/],
    ['a JSON string', 'DeserializationFailed', Buffer.from('"x"'), /a string/],
    [
      'an order as text, of which the SDK makes a JSON string',
      'DeserializationFailed',
      JSON.stringify(order('cust-text')),
      /a string/,
    ],
    [
      'a wrong and a missing field',
      'ValidationFailed',
      { items: [{ productId: 'p', productName: 'P', quantity: 0, unitPrice: 1 }] },
      /customerId is required; items\[0\]\.quantity must be at least 1/,
    ],
  ])('%s as %s', async (what, reason, body, description) => {
    await queue.send({ messageId: what, body });
    const letter = await queue.deadLetter(what);
    expect(letter.deadLetterReason).toBe(reason);
    expect(letter.deadLetterErrorDescription).toMatch(description);
    // It was not tried again: the first delivery was the last.
    expect(letter.deliveryCount).toBeLessThanOrEqual(1);
  });

  test('with its own body, so that it can be mended and sent again', async () => {
    const body = { customerId: 'cust-mended', items: [] };
    await queue.send(orderMessage('to-mend', body));
    expect((await queue.deadLetter('to-mend')).body).toEqual(body);
  });

  test('when its id came before with another order', async () => {
    const { json } = await caller.post(order('cust-first'), { 'idempotency-key': 'taken' });
    await queue.send(orderMessage('taken', order('cust-second')));
    const letter = await queue.deadLetter('taken');
    expect(letter.deadLetterReason).toBe('ValidationFailed');
    expect(letter.deadLetterErrorDescription).toContain(json.id);
    expect(await caller.listOf('cust-second')).toEqual([]);
  });
});

describe('the same order by HTTP and by queue is one order', () => {
  test('while it runs', async () => {
    const customer = newCustomer();
    await client.planFaults([
      { service: 'payments', customerId: customer, fault: 'slow', delayMs: 1_500, times: 1 },
    ]);
    const { json } = await caller.post(order(customer), { 'idempotency-key': 'twice-running' });
    await queue.send(orderMessage('twice-running', order(customer)));
    await queue.drained();
    expect(await client.order(json.id)).toMatchObject({ completedAt: null });
    await expectOne(json.id, customer);
  });

  test('after it has ended', async () => {
    const customer = newCustomer();
    const { json } = await caller.post(order(customer), { 'idempotency-key': 'twice-ended' }, '?wait=20');
    await queue.send(orderMessage('twice-ended', order(customer)));
    await queue.drained();
    await expectOne(json.id, customer);
  });

  test('after its instance was purged', async () => {
    const customer = newCustomer();
    const { json } = await caller.post(order(customer), { 'idempotency-key': 'twice-purged' }, '?wait=20');
    const instance = `${system.urls.api}/runtime/webhooks/durabletask/instances/${json.id}`;
    await until('the instance has ended', async () => (await fetch(instance)).status === 200);
    expect((await fetch(instance, { method: 'DELETE' })).status).toBe(200);
    await queue.send(orderMessage('twice-purged', order(customer)));
    await queue.drained();
    expect((await fetch(instance)).status).toBe(404);
    await expectOne(json.id, customer);
  });

  test('when the queue came first', async () => {
    const customer = newCustomer();
    await queue.send(orderMessage('queue-first', order(customer)));
    await queue.drained();
    await expectOne(await orderOf('queue-first', order(customer)), customer);
  });

  async function expectOne(orderId: string, customer: string): Promise<void> {
    expect(await poll(() => client.order(orderId), isEnded)).toMatchObject({ status: 'completed' });
    await until('it is listed', async () => (await caller.listOf(customer)).length > 0);
    expect((await caller.listOf(customer)).map(({ id }) => id)).toEqual([orderId]);
    expect(await charges(orderId)).toBe(1);
    expect(await queue.deadLetters()).not.toContainEqual(expect.objectContaining({ body: order(customer) }));
  }
});

describe('a failed order', () => {
  const failure = (orderId: string) =>
    until('the failure is on the queue', async () =>
      (await queue.failures()).find(({ messageId }) => messageId === `${orderId}:failed`),
    );

  test('leaves one message on order-failures: where it failed, why, and what was undone', async () => {
    const { json } = await caller.post(
      order('noship-told'),
      { 'x-correlation-id': 'told-to-all' },
      '?wait=20',
    );
    expect(json.status).toBe('failed');
    const message = await failure(json.id);
    expect(message).toMatchObject({ subject: 'OrderFailed', correlationId: 'told-to-all' });
    expect(message.body).toMatchObject({
      orderId: json.id,
      failedStep: 'CreateShipment',
      failureCode: 'SHIPPING_ERROR',
      compensations: [
        { step: 'RefundPayment', outcome: 'done' },
        { step: 'CompensateInventory', outcome: 'done' },
      ],
      needsIntervention: false,
    });
  });

  test('of which a compensation failed says that an operator must look', async () => {
    const { json } = await caller.post(order('norefund-told'), {}, '?wait=20');
    const message = await failure(json.id);
    expect(message.body).toMatchObject({
      needsIntervention: true,
      compensations: [
        { step: 'RefundPayment', outcome: 'failed' },
        { step: 'CompensateInventory', outcome: 'done' },
      ],
    });
  });

  test('is the only one that leaves one: a completed order leaves none', async () => {
    const { json: completed } = await caller.post(order(newCustomer()), {}, '?wait=20');
    const { json: failed } = await caller.post(order('declined-told'), {}, '?wait=20');
    // The later failure is told, so the feed has passed the earlier order.
    await failure(failed.id);
    const told = (await queue.failures()).map(({ messageId }) => messageId);
    expect(told).not.toContain(`${completed.id}:failed`);
  });
});

test('the exporters that hang were sent traces and metrics, and the host that waits for them still takes orders', async () => {
  const complete = async (): Promise<void> => {
    const { json } = await caller.post(order(newCustomer()));
    expect(await poll(() => client.order(json.id), isEnded)).toMatchObject({ status: 'completed' });
  };
  await complete();
  await until('both are asked', () => exporters.areBothAsked());
  await complete();
});
