// Streams that were recorded before OrderFailed had its second version, in test/golden/events. They are never changed.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { fold, type Order } from '../../../src/domain/order';
import { checkOutgoing, readEvent } from '../../../src/events/read-event';
import { ORDER_EVENT_SCHEMAS } from '../../../src/events/schemas';
import { UPCASTERS, withFailedStep } from '../../../src/events/upcasters';

const FOLDER = path.resolve(__dirname, '../../golden/events');

interface Recorded {
  readonly order: Order;
  readonly events: readonly EventEnvelope[];
}
const recorded = readdirSync(FOLDER).map(
  (file) => [file, JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Recorded] as const,
);

function read(json: unknown): EventEnvelope {
  const result = readEvent(json);
  if (result.kind !== 'event') throw new Error(`not read: ${JSON.stringify(result)}`);
  return result.event;
}

describe.each(recorded)('the recorded stream %s', (_, { order, events }) => {
  test('holds version 1 only, and folds into the order that was stored beside it', () => {
    expect(events.every(({ schemaVersion }) => schemaVersion === 1)).toBe(true);
    expect(fold(order.orderId, events.map(read))).toEqual(order);
  });

  test('reads in the newest version of every type', () => {
    for (const event of events.map(read)) {
      expect(event.schemaVersion).toBe(ORDER_EVENT_SCHEMAS[event.type].length);
      expect(() => checkOutgoing(event)).not.toThrow();
      const { failedStep } = event.data as { failedStep?: unknown };
      if (event.type === 'OrderFailed') expect(failedStep).not.toBeUndefined();
    }
  });
});

describe('an OrderFailed of version 1', () => {
  const failure = { kind: 'failed', code: 'PAYMENT_FAILED', detailCode: 'x', reason: 'y' } as const;

  test.each([
    ['PAYMENT_FAILED', 'CARD_DECLINED', 'ProcessPayment'],
    ['INVENTORY_ERROR', 'OUT_OF_STOCK', 'ReserveInventory'],
    ['SHIPPING_ERROR', 'CARRIER_REFUSED', 'CreateShipment'],
    ['STEP_TIMED_OUT', 'ProcessPayment', 'ProcessPayment'],
    ['SAGA_TIMED_OUT', 'WORKING_TIME_OVER', null],
    ['constructor', '', null],
  ])('with code %s and detail %s failed at step %s', (code, detailCode, failedStep) => {
    const before = { ...failure, code, detailCode };
    expect(withFailedStep(before)).toEqual({ ...before, failedStep });
  });

  test('is left as it was by upcasting', () => {
    const before = Object.freeze({ ...failure });
    withFailedStep(before);
    expect(before).toEqual(failure);
  });
});

test('every version but the newest has an upcaster', () => {
  for (const [type, versions] of Object.entries(ORDER_EVENT_SCHEMAS)) {
    expect((UPCASTERS as Record<string, unknown[]>)[type]?.length ?? 0).toBe(versions.length - 1);
  }
});
