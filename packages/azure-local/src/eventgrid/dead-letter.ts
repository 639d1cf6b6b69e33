// Dead letter of an event whose delivery is given up, with the fields that the service adds to what it writes into the
// dead-letter container.
import type { Delivery } from './delivery-store';
import type { SchemaName } from './topics';

/** The dead letter of a delivery, as JSON; CloudEvents attributes are written in lower case. */
export function toDeadLetter(delivery: Delivery, schema: SchemaName, reason: string): string {
  const { lastAttemptMs, lastStatus, lastOutcome, attempts, publishedMs } = delivery;
  const why = {
    deadLetterReason: reason,
    deliveryAttempts: attempts,
    ...(lastOutcome === null ? {} : { lastDeliveryOutcome: lastOutcome }),
    ...(lastStatus === null ? {} : { lastHttpStatusCode: lastStatus }),
    publishTime: new Date(publishedMs).toISOString(),
    ...(lastAttemptMs === null ? {} : { lastDeliveryAttemptTime: new Date(lastAttemptMs).toISOString() }),
  };
  const event = JSON.parse(delivery.event) as object;
  const isCloud = schema === 'CloudEventSchemaV1_0';
  return JSON.stringify({ ...event, ...(isCloud ? lowerKeys(why) : why) });
}

function lowerKeys(values: object): object {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key.toLowerCase(), value as unknown]),
  );
}
