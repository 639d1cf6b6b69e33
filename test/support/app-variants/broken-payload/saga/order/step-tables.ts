// Variant with a mistake: the carrier's input is read from something that is not there, so the orchestrator throws
// between payment and shipment.
import { call, orderSteps, type OrderSagaStep } from '../../../../../../src/saga/order/order-saga';

const parcels = new Map<
  string,
  { readonly address: null; readonly itemCount: number; readonly tenantId: string }
>();

export const STEP_TABLES: Readonly<Record<number, readonly OrderSagaStep[]>> = {
  1: orderSteps.map((step) =>
    step.invoke.name === 'CreateShipment'
      ? {
          ...step,
          invoke: call('CreateShipment', ({ orderId }) => {
            const parcel = parcels.get(orderId);
            if (parcel === undefined) throw new TypeError('the order has no parcel');
            return parcel;
          }),
        }
      : step,
  ),
};

export const CURRENT_VERSION = 1;
