// Simulated notification service: sends each message to a customer once per key, and marks one as void that no longer
// holds. A message that was sent stays on record.
import { z } from 'zod';
import { createKeys, decideToDo, idOf, lookUpByKey, refuseForGood } from './keys';
import type { Ledger } from './ledger';
import { onBehalfOf, operation, refused, type OnBehalfOf, type Operation } from './operation';
import type { Journal } from 'azure-local/storage/journal';

const message = onBehalfOf.extend({
  kind: z.enum(['confirmation', 'cancellation', 'returnRefunded', 'returnRejected']),
  /** Of the messages about a return. */
  returnNumber: z.int().positive().optional(),
  /** The key of a message that this one takes back; if it was not sent, it never will be. */
  voids: z.string().min(1).optional(),
});

const REFUSED = refused(422, 'UNDELIVERABLE', 'The message cannot be delivered.');

/** The routes of the service, below `/notifications`. */
export function createNotifications(journal: Journal, ledger: Ledger): Record<string, Operation> {
  const keys = createKeys<{ readonly kind: string }>(journal, 'notifications');

  function takeBack(key: string, behalf: OnBehalfOf): void {
    const state = keys.find(key)?.state;
    if (state === undefined) keys.close(key, behalf);
    else if (state === 'done') keys.move(key, 'undone');
  }

  const send = operation('send', message, {
    decide({ key, body }) {
      const { orderId, customerId, kind, voids } = body;
      const reference = notificationIdOf(key);
      return decideToDo(keys, key, body, {
        body: { notificationId: reference },
        refuse: () => undefined,
        effect() {
          keys.open(key, body, { kind });
          if (voids !== undefined) takeBack(voids, body);
          ledger.record({
            service: 'notifications',
            effect: 'notified',
            orderId,
            customerId,
            key,
            reference,
          });
        },
      });
    },
    refuse: ({ key, body }) => refuseForGood(keys, key, body, REFUSED),
  });

  return {
    'POST /messages': send,
    'GET /messages/{key}': lookUpByKey(keys, (key, { state, detail }) => ({
      notificationId: notificationIdOf(key),
      ...detail,
      status: state === 'undone' ? 'void' : 'sent',
    })),
  };
}

const notificationIdOf = (key: string): string => idOf('ntf', key);
