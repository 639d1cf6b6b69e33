// Program behind `npm run send:eventgrid`: posts an inventory event to a function, as Event Grid would.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findRunning } from 'azure-local/supervisor/run-file';

const USAGE = `Usage: npm run send:eventgrid -- <type> [product] [flags]
  type                  StockUpdated, StockLow, PriceChanged, or any other: sent as Inventory.<type>
  product               (prod-001)
  --schema <name>       eventgrid or cloudevents (eventgrid)
  --payload <json>      as it is; without it one by the flags below
  --on-hand <n>         (StockUpdated: 100, StockLow: 2)
  --reserved <n>        (0)
  --threshold <n>       (5)
  --price <minor>       unit price in minor units (5499)
  --currency <code>     (USD)
  --id <id>             event id: one that came before is ignored (a new one)
  --time <time>         when it happened: older news than the last is ignored (now)
  --function <name>     (HandleInventoryEvent)
  --code <key>          system key of the host, if it asks for one
  --data <folder>       the system that runs there gets it (.local); when none does, port 7071
  --url <url>           a host instead, such as http://127.0.0.1:7071`;

const FLAGS = {
  schema: { type: 'string', default: 'eventgrid' },
  payload: { type: 'string' },
  'on-hand': { type: 'string' },
  reserved: { type: 'string', default: '0' },
  threshold: { type: 'string', default: '5' },
  price: { type: 'string', default: '5499' },
  currency: { type: 'string', default: 'USD' },
  id: { type: 'string' },
  time: { type: 'string' },
  function: { type: 'string', default: 'HandleInventoryEvent' },
  code: { type: 'string' },
  data: { type: 'string', default: '.local' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseFlags>['values'];

function parseFlags() {
  return parseArgs({ options: FLAGS, allowPositionals: true });
}

function payload(type: string, productId: string, values: Values): unknown {
  if (values.payload !== undefined) return JSON.parse(values.payload);
  const onHand = Number(values['on-hand'] ?? (type === 'StockLow' ? 2 : 100));
  switch (type) {
    case 'StockLow':
      return { productId, onHand, threshold: Number(values.threshold) };
    case 'PriceChanged':
      return { productId, currency: values.currency, unitPriceMinor: Number(values.price) };
    default:
      return { productId, onHand, reserved: Number(values.reserved) };
  }
}

interface Delivery {
  readonly contentType: string;
  readonly body: unknown;
}

/** What Event Grid would post: a list of events in its own schema, or one CloudEvent. */
function delivery(shortType: string, subject: string, data: unknown, values: Values): Delivery {
  const { schema, id = randomUUID(), time = new Date().toISOString() } = values;
  const type = `Inventory.${shortType.replace(/^Inventory\./, '')}`;
  if (schema === 'eventgrid') {
    const event = { id, topic: '/send-eventgrid', subject, eventType: type, eventTime: time, data };
    return { contentType: 'application/json', body: [{ ...event, dataVersion: '1', metadataVersion: '1' }] };
  }
  if (schema === 'cloudevents') {
    const body = { specversion: '1.0', id, source: '/send-eventgrid', type, subject, time, data };
    return { contentType: 'application/cloudevents+json', body };
  }
  throw new Error(`--schema is ${schema}; it is eventgrid or cloudevents.`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags();
  const [type, productId = 'prod-001'] = positionals;
  if (values.help || type === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 1;
  }
  const { contentType, body } = delivery(
    type,
    `/products/${productId}`,
    payload(type, productId, values),
    values,
  );
  const running = findRunning(path.resolve(values.data));
  const url = new URL(
    '/runtime/webhooks/EventGrid',
    values.url ?? running?.urls.api ?? 'http://127.0.0.1:7071',
  );
  url.searchParams.set('functionName', values.function);
  const headers = {
    ...{ 'content-type': contentType, 'aeg-event-type': 'Notification' },
    ...(values.code === undefined ? {} : { 'x-functions-key': values.code }),
  };
  const text = JSON.stringify(body);
  console.log(`POST ${url.href}\n${text}`);
  const response = await fetch(url, { method: 'POST', headers, body: text });
  console.log(`${response.status} ${response.statusText} ${await response.text()}`.trimEnd());
  return response.ok ? 0 : 1;
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(1);
  },
);
