// Types of a settlement: what a receiver may decide about a message, and why the broker dead-letters one itself.
import { types } from './amqp-types';
import type { PropertyChanges } from './outgoing-message';

export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly changes: PropertyChanges }
  /** Given back untouched: the delivery does not count. */
  | { readonly kind: 'release' }
  | { readonly kind: 'defer'; readonly changes: PropertyChanges }
  | { readonly kind: 'deadLetter'; readonly changes: PropertyChanges };

/** The properties that say why a message was dead-lettered. */
export const because = (reason: string, description: string): PropertyChanges => [
  ['DeadLetterReason', types.wrap_string(reason)],
  ['DeadLetterErrorDescription', types.wrap_string(description)],
];

export const deliveredTooOften = (deliveries: number): PropertyChanges =>
  because('MaxDeliveryCountExceeded', `Message could not be consumed after ${deliveries} delivery attempts.`);

export const timeToLiveOver = (): PropertyChanges =>
  because('TTLExpiredException', 'The message expired and was dead lettered.');

export const withoutSession = (): PropertyChanges => because('Session id is null.', 'Session id is null.');
