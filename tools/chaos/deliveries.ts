// Disturbance of deliveries: copies of events, twice or in another order, to the consumers of the topic, and stock
// changes of a product that is in no order to the consumer of inventory events.
import { ServiceBusClient } from '@azure/service-bus';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { ask, within } from './http-client';
import { createRandom, type Random } from './random';

/** Marks the message id of a copy: it is not an event of the app. */
export const COPY = 'copy-';

/** Nobody orders it; its echo must end at the newest news, in whatever order they came. */
export const ECHO_PRODUCT = 'chaos-echo';

/** The news that is the newest of all, whichever came last. */
export const NEWEST_ON_HAND = 7_777;
const NEWEST_AT = '2020-01-01T01:00:00.000Z';

const COPY_WITHIN_MS = 10_000;

interface Repeat {
  readonly events: number;
  readonly seed: number;
}

/** Best effort: what cannot be sent because the system is away is left out. Whether the news was taken. */
export async function repeatDeliveries(
  urls: { readonly servicebus: string; readonly eventgrid: string },
  { events, seed }: Repeat,
): Promise<boolean> {
  const random = createRandom(seed, 'deliveries');
  const [, taken] = await Promise.all([
    within(COPY_WITHIN_MS, copyEvents(urls.servicebus, events, random)).catch(() => undefined),
    ask(`${urls.eventgrid}/inventory-events/api/events?api-version=2018-01-01`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-sas-key': LOCAL_KEY },
      body: JSON.stringify(news(random)),
    }),
  ]);
  return taken?.status === 200;
}

async function copyEvents(servicebus: string, events: number, random: Random): Promise<void> {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus), {
    retryOptions: { maxRetries: 0, timeoutInMs: 5_000 },
  });
  try {
    const sender = client.createSender('order-events');
    for (const subscription of ['order-cancelled-events', 'order-completed-events']) {
      const found = await client.createReceiver('order-events', subscription).peekMessages(events);
      for (const { messageId, subject, sessionId, contentType, correlationId, body } of shuffled(
        random,
        found,
      )) {
        await sender.sendMessages({
          messageId: `${COPY}${random.seed()}-${String(messageId)}`,
          body: body as unknown,
          ...(subject === undefined ? {} : { subject }),
          ...(sessionId === undefined ? {} : { sessionId }),
          ...(contentType === undefined ? {} : { contentType }),
          ...(correlationId === undefined ? {} : { correlationId }),
        });
      }
    }
  } finally {
    await client.close();
  }
}

/** The newest news among older ones and repeats, shuffled. */
function news(random: Random): readonly object[] {
  const levels = [NEWEST_ON_HAND, NEWEST_ON_HAND, 1, 2, 3, 3];
  return shuffled(random, levels).map((onHand, index) => ({
    id: `chaos-${onHand === NEWEST_ON_HAND ? 'newest' : `${random.seed()}-${index}`}`,
    eventType: 'Inventory.StockUpdated',
    subject: `/products/${ECHO_PRODUCT}`,
    eventTime: onHand === NEWEST_ON_HAND ? NEWEST_AT : `2020-01-01T00:0${random.between(0, 9)}:00.000Z`,
    dataVersion: '1',
    data: { productId: ECHO_PRODUCT, onHand, reserved: 0 },
  }));
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const mixed = values.map((value) => ({ value, place: random.next() }));
  return mixed.sort((a, b) => a.place - b.place).map(({ value }) => value);
}
