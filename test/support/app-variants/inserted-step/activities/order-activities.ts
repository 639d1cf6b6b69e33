// Variant of the activities with that of the inserted step. Its effect stands in the ledger as `notified` under the
// step's key.
import {
  createOrderActivities as createActivities,
  type ActivityPorts,
  type OrderActivities,
} from '../../../../../src/activities/order-activities';
import type { OrderStepInput, OrderStepOutput } from '../../../../../src/activities/step-stream';

export { activityCaller } from '../../../../../src/activities/order-activities';

export function createOrderActivities(
  ports: ActivityPorts,
): OrderActivities & { ScreenCustomer: typeof screenCustomer } {
  return { ...createActivities(ports), ScreenCustomer: screenCustomer };
}

async function screenCustomer(input: OrderStepInput<unknown>): Promise<OrderStepOutput> {
  const { orderId, customerId } = input.state;
  const answer = await fetch(`${process.env['NotificationService__BaseUrl'] ?? ''}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': input.key },
    body: JSON.stringify({ orderId, customerId, kind: 'confirmation' }),
  });
  if (!answer.ok) throw new Error(`screening answered ${answer.status}`);
  return {
    key: input.key,
    outcome: { kind: 'done', value: null },
    recorded: input.facts,
    events: [],
    etag: input.etag,
    version: input.state.version,
    spentMs: 0,
  };
}
