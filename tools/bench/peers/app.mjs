// Application of the peers around their engine: the HTTP API, calls of services with deadlines, the relay from the outbox
// to the topic, and mails. Told where everything is by its environment; tells its parent the port it listens on.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { Agent, request } from 'undici';
import { parseOrder, placed } from './order.mjs';

const DEADLINE_MS = 10_000;
const PAGE_AT_MOST = 500;
const IDLE_MS = 100;
const MAILS_AT_ONCE = 32;

/** A POST with its key: what was answered, or the code of a refusal. Rejects where it may be tried again. */
export function createCaller(services) {
  const dispatcher = new Agent({ connections: 128, headersTimeout: DEADLINE_MS, bodyTimeout: DEADLINE_MS });
  return async ({ orderId, customerId, traceparent, correlationId }, name, path, fields) => {
    const headers = {
      ...{ 'content-type': 'application/json', 'idempotency-key': `${orderId}:${name}` },
      ...{ traceparent, 'x-correlation-id': correlationId },
    };
    const body = JSON.stringify({ orderId, customerId, ...fields });
    const answer = await request(`${services}${path}`, { method: 'POST', dispatcher, headers, body });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return JSON.parse(text);
    if (answer.statusCode >= 500 || [408, 429].includes(answer.statusCode))
      throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
    return { refused: JSON.parse(text).code ?? 'REFUSED' };
  };
}

/** Sends what the outbox has, page by page, for as long as the process lives. */
export async function relay(store, bus) {
  const topic = bus.createSender('order-events');
  const mails = bus.createSender('customer-notifications');
  const send = async (events) => {
    const completed = events.filter(({ type }) => type === 'OrderCompleted');
    await Promise.all([sendAll(topic, events), sendAll(mails, completed)]);
  };
  for (;;) {
    const sent = await store.relayPage(PAGE_AT_MOST, send).catch((error) => {
      console.error(error);
      return 0;
    });
    if (sent === 0) await pause(IDLE_MS);
  }
}

async function sendAll(sender, events) {
  if (events.length === 0) return;
  let batch = await sender.createMessageBatch();
  for (const message of events.map(toMessage)) {
    if (batch.tryAddMessage(message)) continue;
    await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    batch.tryAddMessage(message);
  }
  await sender.sendMessages(batch);
}

function toMessage(event) {
  const { eventId, type, orderId, tenantId, schemaVersion, sequence, traceparent, correlationId } = event;
  return {
    ...{ messageId: eventId, sessionId: orderId, subject: type, contentType: 'application/json' },
    ...{ correlationId, body: event },
    applicationProperties: { type, tenantId, orderId, schemaVersion, sequence, traceparent },
  };
}

export function sendMails(bus, call) {
  const options = { receiveMode: 'peekLock', maxAutoLockRenewalDurationInMs: 0 };
  const receiver = bus.createReceiver('customer-notifications', options);
  const processMessage = async (message) => {
    await call(message.body, 'confirmation', '/notifications/messages', { kind: 'confirmation' });
    await receiver.completeMessage(message);
  };
  const processError = ({ error }) => Promise.resolve(console.error(error));
  const handling = { autoCompleteMessages: false, maxConcurrentCalls: MAILS_AT_ONCE };
  receiver.subscribe({ processMessage, processError }, handling);
}

/** Serves the API; `startSaga` resolves when the engine has the order for good. Resolves with the port. */
export function serve(store, startSaga) {
  const answer = async (incoming) => {
    const { pathname, searchParams } = new URL(incoming.url, 'http://localhost');
    const id = /^\/api\/orders\/(.+)$/.exec(pathname)?.[1];
    if (incoming.method === 'POST' && pathname === '/api/orders') return place(await textOf(incoming));
    if (id !== undefined) return found(await store.read(id));
    return [200, await store.list(searchParams.get('customerId') ?? '')];
  };
  const place = async (text) => {
    const order = parseOrder(text);
    if (typeof order === 'string') return [400, { code: 'INVALID_ORDER', message: order }];
    const first = placed(order, new Date().toISOString());
    await store.create(order, first);
    await startSaga(order);
    return [202, first.document, { location: `/api/orders/${order.orderId}` }];
  };
  const server = createServer((incoming, response) => {
    void answer(incoming)
      .catch((error) => [500, { code: 'UNEXPECTED', message: String(error) }])
      .then(([status, body, headers]) =>
        response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(JSON.stringify(body)),
      );
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

const found = (order) => (order === undefined ? [404, { code: 'NOT_FOUND' }] : [200, order]);

async function textOf(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Everything beside the engine; `resume` starts the saga of an order that may have one. */
export async function startAround(store, call, startSaga, resume = startSaga) {
  const bus = new ServiceBusClient(process.env.SERVICEBUS_CONNECTION);
  void relay(store, bus);
  sendMails(bus, call);
  process.once('disconnect', () => process.exit(0));
  for (const order of await store.unfinished()) await resume(order);
  process.send?.(await serve(store, startSaga));
}
