// Who writes to customers. A repeated key is one message (S2); what was sent cannot be unsent, only be made void.
import type { Outcome } from '../domain/outcome';
import type { Contact } from '../domain/personal-data';
import type { ServiceCall } from './downstream';

export interface CustomerMessage {
  readonly kind: 'confirmation' | 'cancellation' | 'returnRefunded' | 'returnRejected';
  /** Of the messages about a return. */
  readonly returnNumber?: number;
  /** The key of a message that this one makes void; if that one was not sent, it never will be. */
  readonly voids?: string;
  /** Left out where the order has none, or it was erased: then the service writes to whom it knows under the customer's id. */
  readonly contact?: Contact;
}

export interface NotificationService {
  /** Sends one message to the customer of the order, and makes another void, both or neither. */
  send(call: ServiceCall, message: CustomerMessage): Promise<Outcome<unknown>>;
}
