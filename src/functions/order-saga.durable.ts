// Registers the order saga: its orchestrator and its activities, each under the name that the step table uses.
import * as df from 'durable-functions';
import type { OrderActivities } from '../activities/order-activities';
import { ORCHESTRATOR_NAME } from '../adapters/durable-saga-control';
import { invocationLog } from '../telemetry/invocation-log';
import { orderSagaOrchestrator } from '../saga/order/order-saga.orchestrator';

export function registerOrderSaga(activities: OrderActivities): void {
  df.app.orchestration(ORCHESTRATOR_NAME, orderSagaOrchestrator);
  for (const [name, activity] of Object.entries(activities)) {
    df.app.activity(name, {
      handler: (input, context) => activity(input as never, invocationLog(context)),
    });
  }
}
