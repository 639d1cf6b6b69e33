// Program of the container image (infra/simulators/Dockerfile): runs the simulated services alone. It is the only
// program here that can listen beyond loopback, and does so only where --host says so. There, --path-prefix keeps strangers
// out, --topic names the Event Grid topic that is told of changes of stock, and --shipping-topic the one that is told of parcels,
// by the identity of the container.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wallClock } from 'azure-local/kit/clock';
import { createHostLogger } from 'azure-local/kit/log';
import { identityTokens } from 'order-saga-simulators/managed-identity';
import { publishAsIdentity } from 'order-saga-simulators/publish-stock-events';
import { createServicesServer } from 'order-saga-simulators/server';
import { Journal } from 'azure-local/storage/journal';
import { onStopSignals } from 'azure-local/supervisor/signals';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '7072' },
    data: { type: 'string', default: '.local' },
    'path-prefix': { type: 'string' },
    topic: { type: 'string' },
    'shipping-topic': { type: 'string' },
  },
});

async function main(): Promise<void> {
  const clock = wallClock();
  const logger = createHostLogger({
    levels: {},
    sink: (text) => process.stdout.write(text),
    isColoured: process.stdout.isTTY,
    now: () => clock.now(),
  });
  mkdirSync(values.data, { recursive: true });
  const journal = new Journal(path.join(values.data, 'simulators.db'));
  const { topic, 'shipping-topic': shippingTopic, 'path-prefix': pathPrefix } = values;
  const publishTo = (name: string) => publishAsIdentity(name, identityTokens(process.env, clock));
  const services = createServicesServer({
    journal,
    clock,
    log: logger.category('Services'),
    ...(pathPrefix === undefined ? {} : { pathPrefix }),
    ...(topic === undefined ? {} : { publish: publishTo(topic) }),
    ...(shippingTopic === undefined ? {} : { publishParcels: publishTo(shippingTopic) }),
  });
  const url = await services.listen(Number(values.port), values.host);
  console.log(`Simulated services: ${url}`);
  await new Promise<void>((resolve) => {
    onStopSignals(['SIGINT', 'SIGTERM'], { stop: resolve, kill: () => process.exit(130) });
  });
  await services.close();
  await journal.close();
  logger.flush();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
