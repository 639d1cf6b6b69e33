// Registry of the order saga's step tables by definition version. An order ends on the version that it began with (S12), so a
// table stays as it was deployed, and stays here until no saga runs on it any more (docs/saga-versions.md).
import { orderSteps, type OrderSagaStep } from './order-saga';

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: orderSteps,
};

/**
 * The version that new sagas start with unless the setting `OrderProcessing:SagaVersion` names another. A release that brings
 * a table leaves this as it is; the next one, or the setting, makes the table the current one (S21).
 */
export const CURRENT_VERSION = 1;
