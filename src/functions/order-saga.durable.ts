// Registers the sagas of orders and of returns: their orchestrators and activities, each under the name that the step tables
// use.
import * as df from 'durable-functions';
import type { OrderActivities } from '../activities/order-activities';
import type { ReturnActivities } from '../activities/return-activities';
import { RETURN_ORCHESTRATOR_NAME } from '../adapters/durable-return-sagas';
import { ORCHESTRATOR_NAME } from '../adapters/durable-saga-control';
import type { Log } from '../ports/log';
import { invocationLog } from '../telemetry/invocation-log';
import { orderSagaOrchestrator } from '../saga/order/order-saga.orchestrator';
import { returnSagaOrchestrator } from '../saga/returns/return-saga.orchestrator';

export function registerOrderSaga(activities: OrderActivities): void {
  df.app.orchestration(ORCHESTRATOR_NAME, orderSagaOrchestrator);
  registerActivities(activities);
}

export function registerReturnSaga(activities: ReturnActivities): void {
  df.app.orchestration(RETURN_ORCHESTRATOR_NAME, returnSagaOrchestrator);
  registerActivities(activities);
}

function registerActivities(
  activities: Readonly<Record<string, (input: never, log: Log) => Promise<unknown>>>,
): void {
  for (const [name, activity] of Object.entries(activities)) {
    df.app.activity(name, {
      handler: (input, context) => activity(input as never, invocationLog(context)),
    });
  }
}
