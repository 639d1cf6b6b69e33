// Variant of the activities with that of the inserted step, which is recorded as the event CustomerScreened. Its
// effect stands in the ledger as `notified` under the step's key.
import {
  createOrderActivities as createActivities,
  type ActivityPorts,
  type OrderActivities,
} from '../../../../../src/activities/order-activities';
import { runStep, stepDone } from '../../../../../src/activities/step-runner';
import type { OrderStepInput, OrderStepOutput } from '../../../../../src/activities/step-stream';
import type { OrderFact } from '../../../../../src/domain/order-events';
import type { ServiceCall } from '../../../../../src/ports/downstream';
import type { Log } from '../../../../../src/ports/log';

export { activityCaller } from '../../../../../src/activities/order-activities';

type Screening = (input: OrderStepInput<unknown>, log: Log) => Promise<OrderStepOutput>;

export function createOrderActivities(ports: ActivityPorts): OrderActivities & { ScreenCustomer: Screening } {
  return {
    ...createActivities(ports),
    ScreenCustomer: (input, log) =>
      runStep<null>(ports, log, input, {
        act: screen,
        lookUp: () => Promise.resolve({ kind: 'done', value: null }),
        // A type that only this release has.
        facts: () => [{ type: 'CustomerScreened', data: stepDone(input) } as unknown as OrderFact],
      }),
  };
}

async function screen({ key, orderId, customerId }: ServiceCall): Promise<{ kind: 'done'; value: null }> {
  const answer = await fetch(`${process.env['NotificationService__BaseUrl'] ?? ''}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ orderId, customerId, kind: 'confirmation' }),
  });
  if (!answer.ok) throw new Error(`screening answered ${answer.status}`);
  return { kind: 'done', value: null };
}
