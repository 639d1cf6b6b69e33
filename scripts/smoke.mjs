// Program behind `npm run smoke -- --url <url>`: tells whether a deployed app works. Waits until it is healthy, places
// one order and waits for its end; exit code 1 and a line that says why when it does not complete. Called by
// .github/workflows/deploy.yml.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import './past-proxies.mjs';

const USAGE = `Usage: npm run smoke -- [flags]
  --url <url>          the app (http://127.0.0.1:7071)
  --key <key>          its function key, where it asks for one (API_KEY)
  --within <seconds>   patience in all (180)
  --health-only        place no order: the services behind the app are real`;

const FLAGS = {
  url: { type: 'string', default: 'http://127.0.0.1:7071' },
  key: { type: 'string', default: process.env.API_KEY ?? '' },
  within: { type: 'string', default: '180' },
  'health-only': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const EVERY_MS = 500;
const ENDED = ['completed', 'failed', 'cancelled'];
const ORDER = {
  customerId: 'smoke-test',
  items: [{ productId: 'smoke-test', productName: 'Smoke test', quantity: 1, unitPrice: 1 }],
};

/** Asks again until there is an answer, or the time is over: then the last reason why there was none is thrown. */
async function untilAnswered(what, untilMs, ask) {
  let why = 'no answer';
  while (Date.now() < untilMs) {
    try {
      const answer = await ask();
      if (answer.done) return answer.value;
      why = answer.why;
    } catch (error) {
      why = error.cause?.message ?? error.message;
    }
    await pause(EVERY_MS);
  }
  throw new Error(`${what}: ${why}`);
}

async function smoke({ url, key, within, 'health-only': healthOnly }) {
  const startedMs = Date.now();
  const untilMs = startedMs + Number(within) * 1_000;
  const headers = { 'content-type': 'application/json', ...(key === '' ? {} : { 'x-functions-key': key }) };
  const call = (path, init = {}) =>
    fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(30_000), ...init });

  const health = await untilAnswered('the app is not healthy', untilMs, async () => {
    const response = await call('/api/health');
    const text = await response.text();
    return response.ok
      ? { done: true, value: JSON.parse(text).status }
      : { why: `${response.status} ${text.slice(0, 300)}` };
  });
  console.log(`Health: ${health}`);
  if (healthOnly) return;

  // One key for every try: a POST whose answer was lost is not a second order.
  const idempotencyKey = `smoke-${randomUUID()}`;
  const { id } = await untilAnswered('no order is taken', untilMs, async () => {
    const response = await call('/api/orders', {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': idempotencyKey },
      body: JSON.stringify(ORDER),
    });
    const text = await response.text();
    if (response.ok) return { done: true, value: JSON.parse(text) };
    const why = `${response.status} ${text.slice(0, 300)}`;
    if (response.status < 500 && response.status !== 429)
      return { done: true, value: { id: undefined, why } };
    return { why };
  }).then((placed) => {
    if (placed.id === undefined) throw new Error(`no order is taken: ${placed.why}`);
    return placed;
  });
  const order = await untilAnswered(`order ${id} does not end`, untilMs, async () => {
    const response = await call(`/api/orders/${id}`);
    const text = await response.text();
    if (!response.ok) return { why: `${response.status} ${text.slice(0, 300)}` };
    const found = JSON.parse(text);
    return ENDED.includes(found.status) ? { done: true, value: found } : { why: `it is ${found.status}` };
  });
  if (order.status !== 'completed')
    throw new Error(`order ${id} ended ${order.status}: ${order.failureCode} ${order.failureReason ?? ''}`);
  console.log(`Order ${id}: completed after ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`);
}

async function main() {
  const { values } = parseArgs({ options: FLAGS });
  if (values.help) return console.log(USAGE);
  if (!(Number(values.within) > 0)) throw new Error(`--within ${values.within} is no number of seconds`);
  await smoke(values);
}

main().catch((error) => {
  console.error(`Smoke test failed: ${error.message}`);
  process.exitCode = 1;
});
