// The program of the tests of triggers: a function host with every trigger and output there is, and the fixture app that
// it is given. `close` closes it.
import path from 'node:path';
import { wallClock } from '../../src/kit/clock';
import { cosmosOutput } from '../../src/host/cosmos/cosmos-output';
import { cosmosTrigger } from '../../src/host/cosmos/cosmos-trigger';
import { eventGridOutput } from '../../src/host/eventgrid/event-grid-output';
import { eventGridTrigger } from '../../src/host/eventgrid/event-grid-trigger';
import { createFunctionHost } from '../../src/host/function-host';
import { readHostJson } from '../../src/host/host-json';
import type { HostKeys } from '../../src/kit/host-keys';
import { createHostLogger } from '../../src/kit/log';
import { serviceBusTriggers } from '../../src/host/servicebus/service-bus-triggers';
import { createTimerStore } from '../../src/host/timer-store';
import { Journal } from '../../src/storage/journal';

/** The folder of the app, and what is laid over `extensions.serviceBus` of its host.json. */
const [appRoot = '', section] = process.argv.slice(2);
const clock = wallClock();
const environment = process.env;
const keys = environment['HOST_KEYS'];
const hostJson = readHostJson(appRoot);
const log = createHostLogger({
  levels: hostJson.logLevels,
  sink: (text) => process.stdout.write(text),
  isColoured: false,
  now: () => clock.now(),
});
const parts = { environment, clock, log };
const eventGrid = eventGridTrigger({
  ...{ clock, log },
  ...(keys === undefined ? {} : { keys: JSON.parse(keys) as HostKeys }),
});
const serviceBus = serviceBusTriggers({
  ...parts,
  section: {
    ...hostJson.extensions['serviceBus'],
    ...(JSON.parse(section ?? '{}') as Record<string, unknown>),
  },
});
const host = createFunctionHost({
  ...parts,
  appRoot,
  appThread: path.join(__dirname, 'app-worker.js'),
  hostJson,
  timers: { status: createTimerStore(new Journal(':memory:')) },
  port: 0,
  drainMs: 5_000,
  triggers: [...serviceBus.triggers, cosmosTrigger(parts), eventGrid.trigger],
  extensions: [eventGrid.extension],
  outputs: [...serviceBus.outputs, eventGridOutput({ environment }), cosmosOutput({ environment })],
});

/** To the app, which runs in a thread of its own. */
const gates = new BroadcastChannel('gates');
gates.unref();
process.on('message', (command: 'close' | { readonly open: string }) => {
  if (command !== 'close') {
    gates.postMessage(command.open);
    return;
  }
  void host.close().then(() => process.send?.('closed', () => process.disconnect()));
});
host.start().then(
  ({ url }) => process.send?.({ url }),
  (error: unknown) => {
    process.send?.({ failed: String(error) });
    process.disconnect();
  },
);
