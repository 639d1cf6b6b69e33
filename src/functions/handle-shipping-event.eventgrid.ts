// HandleShippingEvent: a carrier's news of parcels, by Event Grid in either of its schemas. Thrown is what a repetition
// may change: the store is away, or the order is not as far as its parcel.
import { app } from '@azure/functions';
import type { Consumer } from '../consumers/consumer';
import type { ParcelEvent } from '../consumers/parcel-event';
import { invocationLog } from '../telemetry/invocation-log';

export function registerShippingEvents(consumer: Consumer<ParcelEvent>): void {
  app.eventGrid('HandleShippingEvent', {
    handler: async (event, context) => {
      await consumer.take(event, invocationLog(context));
    },
  });
}
