// The program that host-eventgrid-app.ts starts: a function host with Event Grid triggers and the outputs. Any message
// closes it.
import { wallClock } from '../../local/clock';
import { cosmosOutput } from '../../local/host/cosmos/cosmos-output';
import { eventGridOutput } from '../../local/host/eventgrid/event-grid-output';
import { eventGridTrigger } from '../../local/host/eventgrid/event-grid-trigger';
import { createFunctionHost } from '../../local/host/function-host';
import { readHostJson } from '../../local/host/host-json';
import { createHostLogger } from '../../local/host/log';
import { Journal } from '../../local/storage/journal';

const appRoot = process.argv[2] ?? '';
const clock = wallClock();
const environment = process.env;
const systemKey = environment['SYSTEM_KEY'];
const hostJson = readHostJson(appRoot);
const log = createHostLogger({
  levels: hostJson.logLevels,
  sink: (text) => process.stdout.write(text),
  isColoured: false,
  now: () => clock.now(),
});
const eventGrid = eventGridTrigger({ log, ...(systemKey === undefined ? {} : { systemKey }) });
const host = createFunctionHost({
  appRoot,
  hostJson,
  environment,
  journal: new Journal(':memory:'),
  clock,
  log,
  port: 0,
  drainMs: 10_000,
  triggers: [eventGrid.trigger],
  extensions: [eventGrid.extension],
  outputs: [eventGridOutput({ environment }), cosmosOutput({ environment })],
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
