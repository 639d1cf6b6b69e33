// The simulated shipping service: creates one shipment per key and cancels it on request.
import { z } from 'zod';
import { createKeys, decideToDo, decideToUndo, idOf } from './keys';
import type { Effect, Ledger } from './ledger';
import { lookUp, onBehalfOf, operation, refused, type Operation } from './operation';
import type { Journal } from '../storage/journal';

const shipment = onBehalfOf.extend({ address: z.unknown().optional(), itemCount: z.int().positive() });

const REFUSALS = {
  ship: refused(422, 'CARRIER_REFUSED', 'The carrier refuses the shipment.'),
  cancel: refused(409, 'CANCEL_REFUSED', 'The shipment is not cancelled.'),
};

/** Magic values of the simulation: the carrier takes nothing for customers with these prefixes. */
const REFUSED_PREFIXES = ['noship-', 'norefund-'];

/** The routes of the service, below `/shipping`. */
export function createShipping(journal: Journal, ledger: Ledger): Record<string, Operation> {
  const keys = createKeys<null>(journal, 'shipping');

  function record(effect: Effect, key: string, orderId: string, customerId: string): void {
    const reference = trackingIdOf(key);
    ledger.record({ service: 'shipping', effect, orderId, customerId, key, reference });
  }

  const ship = operation('ship', shipment, REFUSALS.ship, ({ key, body: { orderId, customerId } }) =>
    decideToDo(key, keys.find(key), {
      body: { trackingId: trackingIdOf(key) },
      refuse: () =>
        REFUSED_PREFIXES.some((prefix) => customerId.startsWith(prefix)) ? REFUSALS.ship : undefined,
      effect() {
        keys.open(key, orderId, customerId, null);
        record('shipmentCreated', key, orderId, customerId);
      },
    }),
  );

  const cancel = operation('cancel', onBehalfOf, REFUSALS.cancel, ({ key, body }) =>
    decideToUndo(keys.find(key), {
      undone: { cancelled: true },
      nothingToUndo: { cancelled: false },
      refuse: () => undefined,
      effect({ orderId, customerId }) {
        keys.move(key, 'undone');
        record('shipmentCancelled', key, orderId, customerId);
      },
      close: () => keys.close(key, body.orderId, body.customerId),
    }),
  );

  return {
    'POST /shipments': ship,
    'GET /shipments/{key}': lookUp((key) => {
      const state = keys.find(key)?.state ?? 'void';
      if (state === 'void') return undefined;
      return { trackingId: trackingIdOf(key), status: state === 'undone' ? 'cancelled' : 'created' };
    }),
    'POST /shipments/{key}/cancel': cancel,
  };
}

const trackingIdOf = (key: string): string => idOf('trk', key);
