// The program that host-cosmos-app.ts starts: a function host with Cosmos DB triggers. Any message closes it.
import { wallClock } from '../../local/clock';
import { cosmosTrigger } from '../../local/host/cosmos/cosmos-trigger';
import { createFunctionHost } from '../../local/host/function-host';
import { readHostJson } from '../../local/host/host-json';
import { createHostLogger } from '../../local/host/log';
import { Journal } from '../../local/storage/journal';

const appRoot = process.argv[2] ?? '';
const clock = wallClock();
const environment = process.env;
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
  environment,
  journal: new Journal(':memory:'),
  clock,
  log,
  port: 0,
  drainMs: 10_000,
  triggers: [cosmosTrigger({ environment, clock, log })],
});

process.on('message', () => {
  void host.close().then(() => process.disconnect());
});
host.start().then(
  ({ url }) => process.send?.({ url }),
  (error: unknown) => {
    process.send?.({ failed: String(error) });
    process.disconnect();
  },
);
