// Tests for the relay's wait between pages, as the registered handler keeps it.
import { app, InvocationContext, type CosmosDBv4FunctionOptions } from '@azure/functions';
import { setTimeout as wait } from 'node:timers/promises';
import { createFeedTurns } from '../../../src/functions/feed-turns';
import { registerRelay } from '../../../src/functions/relay-events.feed';

jest.mock('node:timers/promises', () => ({ setTimeout: jest.fn(() => Promise.resolve()) }));

/** How long the relay waits behind a page of documents that are no events, in ms. */
async function waitsBehind(documents: number): Promise<readonly unknown[]> {
  const waits = jest.mocked(wait).mockClear();
  const register = jest.spyOn(app, 'cosmosDB').mockReturnValue(undefined);
  const feed = { connection: 'Store', databaseName: 'db', containerName: 'orders', createLeases: false };
  const ports = { meter: { observe: () => undefined, add: () => undefined }, clock: { nowMs: () => 0 } };
  registerRelay(ports as never, { ...feed, batchSize: 2, pollSeconds: 1, turns: createFeedTurns() });
  const [, { handler }] = register.mock.calls[0] as [string, CosmosDBv4FunctionOptions];
  register.mockRestore();
  await handler(
    Array.from({ length: documents }, () => ({ kind: 'order' })),
    new InvocationContext(),
  );
  return waits.mock.calls.map(([ms]) => ms);
}

test('behind a page that was not full changes gather, and a relay that is behind goes on at once', async () => {
  expect(await waitsBehind(1)).toEqual([100]);
  expect(await waitsBehind(2)).toEqual([]);
});
