// The program that host-servicebus-process.ts starts: a function host with Service Bus, and the fixture app.
import { wallClock } from '../../local/clock';
import { createFunctionHost } from '../../local/host/function-host';
import { readHostJson } from '../../local/host/host-json';
import { createHostLogger } from '../../local/host/log';
import { serviceBusTriggers } from '../../local/host/servicebus/service-bus-triggers';
import { Journal } from '../../local/storage/journal';

const [appRoot = '', section] = process.argv.slice(2);
const clock = wallClock();
const hostJson = readHostJson(appRoot);
const log = createHostLogger({
  levels: hostJson.logLevels,
  sink: (text) => process.stdout.write(text),
  isColoured: false,
  now: () => clock.now(),
});
const host = createFunctionHost({
  appRoot,
  hostJson,
  environment: process.env,
  journal: new Journal(':memory:'),
  clock,
  log,
  port: 0,
  drainMs: 5_000,
  ...serviceBusTriggers({
    environment: process.env,
    section: {
      ...hostJson.extensions['serviceBus'],
      ...(JSON.parse(section ?? '{}') as Record<string, unknown>),
    },
    clock,
    log,
  }),
});

process.on('message', (command) => {
  if (command === 'close') void host.close().then(() => process.send?.('closed'));
});
host.start().then(
  ({ url }) => process.send?.({ url }),
  (error: unknown) => {
    process.send?.({ failed: String(error) });
    process.disconnect();
  },
);
