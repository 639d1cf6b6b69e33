// Working time of an order as its stream tells it (S8, S28): used in choreography, where no run of the saga sees the others.
import type { OrderHead } from '../../domain/order';
import type { OrderEvent } from '../../domain/order-events';
import { entriesOf } from '../engine/entries';
import { backoffMs } from '../engine/moves';
import { AROUND_A_CALL_MS } from '../engine/step-call';
import type { OrderSaga } from './order-saga-versions';

/** From when on an order may have been worked on, in epoch milliseconds. */
export function beganMs({ createdAt, notBefore }: OrderHead): number {
  return Math.max(Date.parse(createdAt), notBefore === null ? 0 : Date.parse(notBefore));
}

/**
 * The time that the steps in the stream took: of the time between one and the next as much as their calls and the pauses
 * between them may take. The rest was waiting for a person, or the platform delivered nothing.
 */
export function workedMs(saga: OrderSaga, order: OrderHead, events: readonly OrderEvent[]): number {
  const longest = new Map(
    entriesOf(saga, order).map(({ name, step }) => [
      name,
      (attempts: number): number =>
        attempts * (step.timeoutMs + AROUND_A_CALL_MS) +
        Array.from({ length: attempts - 1 }, (_, index) => backoffMs(step.retry, index + 1)).reduce(
          (sum, pauseMs) => sum + pauseMs,
          0,
        ),
    ]),
  );
  let sinceMs = beganMs(order);
  let worked = 0;
  for (const { data, occurredAt } of events) {
    if (!('step' in data) || !('attempts' in data)) continue;
    const tookMs = Date.parse(occurredAt) - sinceMs;
    sinceMs += tookMs;
    worked += Math.max(0, Math.min(tookMs, longest.get(data.step)?.(data.attempts) ?? 0));
  }
  return worked;
}
