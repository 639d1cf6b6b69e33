// What leaves the app when orders change. The change feed of the order store brings the changes, at least once and in
// order per order; whoever is told must take a repetition.
import { z } from 'zod';
import type { OrderFailure, OrderFailures } from '../ports/order-failures';
import type { OrderStore } from '../ports/order-store';

export interface RelayPorts {
  readonly orders: OrderStore;
  readonly failures: OrderFailures;
}

/** The part of a changed document that decides whether anybody is told. */
const orderFailed = z.object({
  kind: z.literal('event'),
  type: z.literal('OrderFailed'),
  orderId: z.string(),
  occurredAt: z.string(),
});

/**
 * Tells of every order that failed among `changes`; the count. Throws what the store or the broker throw, and then the
 * same changes must be brought again.
 */
export async function relayChanges(
  { orders, failures }: RelayPorts,
  changes: readonly unknown[],
): Promise<number> {
  const told: OrderFailure[] = [];
  for (const change of changes) {
    const { success, data } = orderFailed.safeParse(change);
    const stored = success ? await orders.read(data.orderId) : undefined;
    if (stored === undefined || data === undefined) continue;
    const { order } = stored;
    told.push({
      orderId: order.orderId,
      tenantId: order.tenantId,
      customerId: order.customerId,
      failedAt: data.occurredAt,
      failedStep: order.saga.failedStep,
      failureCode: order.failureCode ?? '',
      failureDetailCode: order.failureDetailCode ?? '',
      failureReason: order.failureReason ?? '',
      compensations: order.saga.compensations,
      needsIntervention: order.saga.needsIntervention,
      correlationId: order.correlationId,
      traceparent: order.traceparent,
    });
  }
  if (told.length > 0) await failures.publish(told);
  return told.length;
}
