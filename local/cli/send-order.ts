// Program behind `npm run send:order`: puts a message on the queue `orders`, as another team's program would.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ServiceBusClient } from '@azure/service-bus';
import { findRunning } from 'azure-local/supervisor/run-file';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';

const USAGE = `Usage: npm run send:order -- [flags] [body]
  body                  what is sent, as it is; without one an order for two lamps
  --id <id>             message id: the idempotency key (a new one)
  --tenant <id>         tenant of the order; without it the only one there is
  --customer <id>       customer of the order for two lamps (cust-queue)
  --queue <name>        (orders)
  --data <folder>       the system that runs there gets it (.local); when none does, port 5672
  --connection <text>   a connection string instead`;

const FLAGS = {
  id: { type: 'string' },
  tenant: { type: 'string' },
  customer: { type: 'string', default: 'cust-queue' },
  queue: { type: 'string', default: 'orders' },
  data: { type: 'string', default: '.local' },
  connection: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const { id = randomUUID(), customer, queue } = values;
  const running = findRunning(path.resolve(values.data));
  const connection =
    values.connection ?? emulatorBusConnection(running?.urls.servicebus ?? 'sb://127.0.0.1:5672');
  const items = [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 }];
  const body = positionals[0] ?? JSON.stringify({ customerId: customer, items });
  const client = new ServiceBusClient(connection, { retryOptions: { maxRetries: 1, timeoutInMs: 5_000 } });
  try {
    await client.createSender(queue).sendMessages({
      messageId: id,
      body: Buffer.from(body),
      ...(values.tenant === undefined ? {} : { applicationProperties: { tenantId: values.tenant } }),
    });
  } finally {
    await client.close();
  }
  console.log(`Sent message ${id} to ${queue}: ${body}`);
  const api = running?.urls.api ?? 'http://127.0.0.1:7071';
  if (positionals.length === 0) console.log(`Look: curl -s ${api}/api/orders/customer/${customer}`);
  return 0;
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(1);
  },
);
