// Tests for the pause of the readers of the change feed, from the app setting to the trigger.
import { app, type CosmosDBv4FunctionOptions } from '@azure/functions';
import { lookAlikeSettings } from '../../../local/app-settings';
import { createFeedTurns } from '../../../src/functions/feed-turns';
import { registerProjections } from '../../../src/functions/project-orders.feed';
import { registerEventGridRelay, registerRelay } from '../../../src/functions/relay-events.feed';
import { parseConfig } from '../../../src/parse-config';

const FEED = {
  connection: 'Store',
  databaseName: 'db',
  containerName: 'orders',
  createLeases: false,
  turns: createFeedTurns(),
};
const LOCAL = lookAlikeSettings({
  cosmos: 'http://127.0.0.1:1',
  services: 'http://127.0.0.1:2',
  servicebus: 'sb://127.0.0.1:3',
  eventgrid: 'http://127.0.0.1:4',
});

/** How long each reader waits after an empty page, in ms, as the platform is told. */
function pollDelays(changed: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const settings = Object.entries({ ...LOCAL, ...changed }).filter(([, value]) => value !== undefined);
  const { relayPollSeconds, readModelPollSeconds } = parseConfig(Object.fromEntries(settings));
  const delays: Record<string, unknown> = {};
  const register = jest.spyOn(app, 'cosmosDB').mockImplementation((name, options) => {
    delays[name] = (options as CosmosDBv4FunctionOptions).feedPollDelay;
  });
  const ports = { meter: { observe: () => undefined }, clock: { nowMs: () => 0 } } as never;
  const relayed = { ...FEED, batchSize: 100, pollSeconds: relayPollSeconds };
  registerRelay(ports, relayed);
  registerEventGridRelay(ports, relayed);
  registerProjections(ports, { ...FEED, pollSeconds: readModelPollSeconds });
  register.mockRestore();
  return delays;
}

const unset = { OrderProcessing__RelayPollSeconds: undefined };

test('the feeds are looked at once and twice a second unless a setting says otherwise: each look is paid for', () => {
  expect(pollDelays(unset)).toEqual({ RelayEvents: 1_000, RelayToEventGrid: 1_000, ProjectOrders: 500 });
});

test('the local platform, where looking costs nothing, has the relays look more often', () => {
  const { RelayEvents, RelayToEventGrid, ProjectOrders } = pollDelays({});
  expect(RelayEvents).toBeLessThan(1_000);
  expect([RelayToEventGrid, ProjectOrders]).toEqual([RelayEvents, 500]);
});

test('the read models have a setting of their own', () => {
  expect(pollDelays({ OrderProcessing__ReadModelPollSeconds: '2' })).toMatchObject({ ProjectOrders: 2_000 });
});

test('a pause below a millisecond is one millisecond: 0 would be the pause that the platform has by default', () => {
  expect(pollDelays({ OrderProcessing__RelayPollSeconds: '0.0001' })).toMatchObject({ RelayEvents: 1 });
});
