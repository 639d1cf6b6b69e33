// The platform: the look-alikes of what lies behind the app, on one database.
import { wallClock } from './clock';
import { createCosmosServer } from './cosmos/server';
import { createEventGridServer } from './eventgrid/server';
import { LOCAL_KEY, parseTopics } from './eventgrid/topics';
import definitions from './eventgrid/topics.json';
import { createHostLogger } from './host/log';
import entities from './servicebus/Config.json';
import { parseEntities } from './servicebus/entities';
import { createServiceBusServer } from './servicebus/server';
import { publishToTopic } from './services/publish-news';
import { createServicesServer } from './services/server';
import { Journal } from './storage/journal';
import type { RunningProgram } from './supervisor/child-program';
import { databaseFile } from './supervisor/data-folder';
import type { PlatformOptions, PlatformUrls } from './supervisor/processes';

/** The ports of the official emulators, and the one of the simulated services. */
export const PLATFORM_DEFAULTS: PlatformOptions = {
  dataDir: '.local',
  cosmosPort: 8081,
  servicesPort: 7072,
  servicebusPort: 5672,
  eventgridPort: 7073,
};

/** Starts every look-alike; a port that is taken rejects with a PortInUseError. */
export async function startPlatform(options: PlatformOptions): Promise<RunningProgram<PlatformUrls>> {
  const clock = wallClock();
  const logger = createHostLogger({
    levels: {},
    sink: (text) => process.stdout.write(text),
    isColoured: process.stdout.isTTY,
    now: () => clock.now(),
  });
  const journal = new Journal(databaseFile(options.dataDir, 'platform'));
  const cosmos = createCosmosServer({ journal, clock, log: logger.category('Cosmos') });
  const servicebus = createServiceBusServer({
    journal,
    clock,
    log: logger.category('ServiceBus'),
    entities: parseEntities(entities),
  });
  // Subscriptions to functions are made by whoever runs the functions, once they answer (event-grid-subscriptions.ts).
  const topics = parseTopics({
    topics: definitions.topics.map((topic) => ({ ...topic, subscriptions: [] })),
  });
  const eventgrid = createEventGridServer({ journal, clock, log: logger.category('EventGrid'), topics });
  const eventgridUrl = await eventgrid.listen(options.eventgridPort);
  const services = createServicesServer({
    journal,
    clock,
    log: logger.category('Services'),
    publish: publishToTopic(`${eventgridUrl}/inventory-events/api/events`, LOCAL_KEY),
  });
  const urls: PlatformUrls = {
    cosmos: (await cosmos.listen(options.cosmosPort)).replace(/\/$/, ''),
    services: await services.listen(options.servicesPort),
    eventgrid: eventgridUrl,
    servicebus: `sb://${await servicebus.listen(options.servicebusPort)}`,
  };
  return {
    urls,
    journal,
    async stop(ending) {
      await Promise.all([
        ending.waitFor('the look-alike of Cosmos DB', cosmos.close()),
        ending.waitFor('the simulated services', services.close()),
        ending.waitFor('the look-alike of Service Bus', servicebus.close()),
        ending.waitFor('the look-alike of Event Grid', eventgrid.close()),
      ]);
      await ending.waitFor('the journal', journal.close());
      logger.flush();
    },
  };
}
