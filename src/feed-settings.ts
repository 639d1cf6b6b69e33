// Settings of the readers of the change feed. Part of the table of config.ts.
import { quantity, setting, wholeNumber } from './setting-kinds';
import { POLL_SECONDS } from './projections/feed-pace';

export const FEED_SETTINGS = {
  relayBatchSize: setting(
    'OrderProcessing:RelayBatchSize',
    wholeNumber(100, 1, 1_000),
    '100',
    'Changes of orders that the relay takes at once',
  ),
  relayPollSeconds: setting(
    'OrderProcessing:RelayPollSeconds',
    quantity(1, 60),
    '1',
    'How long the relays of events wait when they have caught up with the orders, in seconds; fractions are allowed; each look is a request to the store, paid for also where nothing happens',
  ),
  readModelPollSeconds: setting(
    'OrderProcessing:ReadModelPollSeconds',
    quantity(POLL_SECONDS, 60),
    String(POLL_SECONDS),
    'The same of the read models: how stale a list is at rest',
  ),
} as const;
