// Simulated shipping service: creates one shipment per key and cancels it on request.
import { z } from 'zod';
import { createKeys, decideToDo, decideToUndo, idOf, lookUpByKey, refuseForGood } from './keys';
import type { Effect, Ledger } from './ledger';
import { onBehalfOf, operation, refused, type OnBehalfOf, type Operation } from './operation';
import type { ParcelNews } from './parcel-outbox';
import type { Journal } from 'azure-local/storage/journal';

const shipment = onBehalfOf.extend({
  address: z.unknown().optional(),
  itemCount: z.int().positive(),
  tenantId: z.string().min(1).optional(),
});

const REFUSALS = {
  ship: refused(422, 'CARRIER_REFUSED', 'The carrier refuses the shipment.'),
  cancel: refused(409, 'CANCEL_REFUSED', 'The shipment is not cancelled.'),
};

/** Magic values of the simulation: the carrier takes nothing for customers with these prefixes. */
const REFUSED_PREFIXES = ['noship-', 'norefund-'];

/** Magic value of the simulation: of such a customer's parcel the carrier tells soon, whatever its settings. */
const TRACKED_PREFIX = 'tracked-';
const TRACKED_TIMES = { dispatchAfterMs: 500, deliverAfterMs: 1_500 };

/** The routes of the service, below `/shipping`. `news` takes what the carrier will tell of a parcel. */
export function createShipping(
  journal: Journal,
  ledger: Ledger,
  news?: ParcelNews,
): Record<string, Operation> {
  const keys = createKeys<null>(journal, 'shipping');

  function record(effect: Effect, key: string, { orderId, customerId }: OnBehalfOf): void {
    const reference = trackingIdOf(key);
    ledger.record({ service: 'shipping', effect, orderId, customerId, key, reference });
  }

  const ship = operation('ship', shipment, {
    decide: ({ key, body }) =>
      decideToDo(keys, key, body, {
        body: { trackingId: trackingIdOf(key) },
        refuse: () =>
          REFUSED_PREFIXES.some((prefix) => body.customerId.startsWith(prefix)) ? REFUSALS.ship : undefined,
        effect() {
          keys.open(key, body, null);
          record('shipmentCreated', key, body);
          news?.took(
            { ...body, trackingId: trackingIdOf(key) },
            body.customerId.startsWith(TRACKED_PREFIX) ? TRACKED_TIMES : undefined,
          );
        },
      }),
    refuse: ({ key, body }) => refuseForGood(keys, key, body, REFUSALS.ship),
  });

  const cancel = operation('cancel', onBehalfOf, {
    decide: ({ key, body }) =>
      decideToUndo(keys, key, body, {
        refuse: () => undefined,
        effect(made) {
          keys.move(key, 'undone');
          record('shipmentCancelled', key, made);
          news?.calledBack(trackingIdOf(key));
        },
      }),
    refuse: () => ({ answer: REFUSALS.cancel }),
  });

  return {
    'POST /shipments': ship,
    'GET /shipments/{key}': lookUpByKey(keys, (key, { state }) => ({
      trackingId: trackingIdOf(key),
      status: state === 'undone' ? 'cancelled' : 'created',
    })),
    'POST /shipments/{key}/cancel': cancel,
  };
}

const trackingIdOf = (key: string): string => idOf('trk', key);
