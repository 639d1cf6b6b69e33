// The simulated notification service: sends each message to a customer once per key, and voids one that no longer holds.
// What was sent cannot be unsent: a void message stays on record.
import { z } from 'zod';
import { createKeys, decideToDo, idOf } from './keys';
import type { Ledger } from './ledger';
import { lookUp, onBehalfOf, operation, refused, type Operation } from './operation';
import type { Journal } from '../storage/journal';

const message = onBehalfOf.extend({
  kind: z.enum(['confirmation', 'cancellation']),
  /** The key of a message that this one takes back; if it was not sent, it never will be. */
  voids: z.string().min(1).optional(),
});

const REFUSED = refused(422, 'UNDELIVERABLE', 'The message cannot be delivered.');

/** The routes of the service, below `/notifications`. */
export function createNotifications(journal: Journal, ledger: Ledger): Record<string, Operation> {
  const keys = createKeys<{ readonly kind: string }>(journal, 'notifications');

  function takeBack(key: string, orderId: string, customerId: string): void {
    const state = keys.find(key)?.state;
    if (state === undefined) keys.close(key, orderId, customerId);
    else if (state === 'done') keys.move(key, 'undone');
  }

  const send = operation('send', message, REFUSED, ({ key, body }) => {
    const { orderId, customerId, kind, voids } = body;
    return decideToDo(key, keys.find(key), {
      body: { notificationId: notificationIdOf(key) },
      refuse: () => undefined,
      effect() {
        keys.open(key, orderId, customerId, { kind });
        if (voids !== undefined) takeBack(voids, orderId, customerId);
        const reference = notificationIdOf(key);
        ledger.record({ service: 'notifications', effect: 'notified', orderId, customerId, key, reference });
      },
    });
  });

  return {
    'POST /messages': send,
    'GET /messages/{key}': lookUp((key) => {
      const deed = keys.find(key);
      if (deed === undefined || deed.state === 'void') return undefined;
      const status = deed.state === 'undone' ? 'void' : 'sent';
      return { notificationId: notificationIdOf(key), ...deed.detail, status };
    }),
  };
}

const notificationIdOf = (key: string): string => idOf('ntf', key);
