// Platform process: the look-alikes of Cosmos DB, Service Bus and Event Grid and the receiver of
// traces on one journal, and what an app adds to them.
import type { ControlRoutes } from '../cosmos/control-api';
import { createCosmosServer } from '../cosmos/server';
import { createEventGridServer } from '../eventgrid/server';
import { parseTopics } from '../eventgrid/topics';
import { wallClock, type Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import { createHostLogger } from '../kit/log';
import { parseEntities } from '../servicebus/entities';
import { MessageHolds } from '../servicebus/message-holds';
import { createServiceBusServer } from '../servicebus/server';
import { Journal } from '../storage/journal';
import { createTelemetryServer } from '../telemetry/server';
import type { RunningProgram } from './child-program';
import { databaseFile } from './data-folder';
import type { TopicDefinitions } from './event-grid-subscriptions';
import type { PlatformOptions, PlatformUrls } from './processes';

/** The ports of the official emulators, and the one of the simulated services. */
export const PLATFORM_DEFAULTS: PlatformOptions = {
  dataDir: '.local',
  appRoot: '.',
  cosmosPort: 8081,
  servicesPort: 7072,
  servicebusPort: 5672,
  eventgridPort: 7073,
  telemetryPort: 4318,
};

/** What the look-alikes hold from the start. */
export interface Entities {
  /** Queues and topics of Service Bus, in the form of the official emulator's Config.json. */
  readonly servicebus: unknown;
  readonly eventgrid: TopicDefinitions;
}

/** What a server of the app's own is made with. */
export interface ServicesParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  /** Where the Event Grid look-alike listens. */
  readonly eventgridUrl: string;
}

/** Services that an app simulates in the platform process. */
export interface SimulatedServices {
  /** Resolves with the URL; a port that is taken rejects with a PortInUseError. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}

/** Starts every look-alike, and `simulate`'s services; a port that is taken rejects with a PortInUseError. */
export async function startLookAlikes(
  options: PlatformOptions,
  entities: Entities,
  simulate?: (parts: ServicesParts) => SimulatedServices,
): Promise<RunningProgram<PlatformUrls>> {
  const clock = wallClock();
  const logger = createHostLogger({
    levels: {},
    sink: (text) => process.stdout.write(text),
    isColoured: process.stdout.isTTY,
    now: () => clock.now(),
  });
  const journal = new Journal(databaseFile(options.dataDir, 'platform'));
  const messageHolds = new MessageHolds(clock);
  const cosmos = createCosmosServer({
    journal,
    clock,
    log: logger.category('Cosmos'),
    controls: controlsOf(messageHolds),
  });
  const servicebus = createServiceBusServer({
    journal,
    clock,
    log: logger.category('ServiceBus'),
    entities: parseEntities(entities.servicebus),
    holds: messageHolds,
  });
  // Subscriptions to functions are made by the program that runs the functions, once they answer (event-grid-subscriptions.ts).
  const topics = parseTopics({
    topics: entities.eventgrid.topics.map((topic) => ({ ...topic, subscriptions: [] })),
  });
  const eventgrid = createEventGridServer({ journal, clock, log: logger.category('EventGrid'), topics });
  const telemetry = createTelemetryServer({ journal, log: logger.category('Telemetry') });
  const eventgridUrl = await eventgrid.listen(options.eventgridPort);
  const services = simulate?.({ journal, clock, log: logger.category('Services'), eventgridUrl });
  const urls: PlatformUrls = {
    cosmos: (await cosmos.listen(options.cosmosPort)).replace(/\/$/, ''),
    services: (await services?.listen(options.servicesPort)) ?? '',
    eventgrid: eventgridUrl,
    servicebus: `sb://${await servicebus.listen(options.servicebusPort)}`,
    telemetry: await telemetry.listen(options.telemetryPort),
  };
  return {
    urls,
    journal,
    async stop(ending) {
      await Promise.all([
        ending.waitFor('the look-alike of Cosmos DB', cosmos.close()),
        ending.waitFor('the simulated services', services?.close() ?? Promise.resolve()),
        ending.waitFor('the look-alike of Service Bus', servicebus.close()),
        ending.waitFor('the look-alike of Event Grid', eventgrid.close()),
        ending.waitFor('the receiver of traces', telemetry.close()),
      ]);
      await ending.waitFor('the journal', journal.close());
      logger.flush();
    },
  };
}

/** Service Bus has no HTTP: what is held of it is set beside what is held of Cosmos DB. */
const controlsOf = (holds: MessageHolds): ControlRoutes => ({
  'GET /_lookalike/message-holds': () => holds.list(),
  'PUT /_lookalike/message-holds': (rules) => {
    holds.replace(rules);
    return holds.list();
  },
});
