// Peer on Restate: a durable handler in this process, its journal in a Restate server, the orders in PostgreSQL.
import http2 from 'node:http2';
import { createEndpointHandler, service } from '@restatedev/restate-sdk';
import { Agent, request } from 'undici';
import { createCaller, startAround } from './app.mjs';
import { fulfil } from './saga.mjs';
import { openStore } from './store.mjs';

/** The SDK wants it, and Node.js has it from 22 on. */
Promise.withResolvers ??= () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const { POSTGRES_URL, SERVICES_URL, RESTATE_INGRESS, RESTATE_ADMIN, ENDPOINT_PORT } = process.env;
const RETRIES = { initialRetryInterval: 200, retryIntervalFactor: 2, maxRetryInterval: 10_000 };

const store = await openStore(POSTGRES_URL);
const call = createCaller(SERVICES_URL);
const orders = service({
  name: 'orders',
  handlers: {
    fulfil: (context, order) => {
      const run = (name, step) => context.run(name, step, RETRIES);
      return fulfil(order, run, { call, append: store.append });
    },
  },
});

async function post(url, value, headers = {}) {
  const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
  const answer = await request(url, { ...options, dispatcher, body: JSON.stringify(value) });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${url} answered ${answer.statusCode}: ${text}`);
}
const dispatcher = new Agent({ connections: 128 });
const startSaga = (order) =>
  post(`${RESTATE_INGRESS}/orders/fulfil/send`, order, { 'idempotency-key': order.orderId });

const server = http2.createServer(createEndpointHandler({ services: [orders] }));
// Orders under way are bound to the address that they began at, so it stays.
await new Promise((resolve) => server.listen(Number(ENDPOINT_PORT), '127.0.0.1', resolve));
const uri = `http://127.0.0.1:${ENDPOINT_PORT}`;
await post(`${RESTATE_ADMIN}/deployments`, { uri, force: true });
await startAround(store, call, startSaga);
