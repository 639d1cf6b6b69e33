// The part of the catalogue of log events that is about operators and upkeep (log-events.ts).
import type { DescribedEvent } from './described-event';

const ORDER = ['orderId', 'correlationId'] as const;
export const OPERATIONS_LOG_EVENTS = {
  'compensated by operator': {
    levels: ['warn'],
    when: 'An operator had an order undone that nothing carried on',
    fields: [...ORDER, 'operator', 'reason', 'status'],
  },
  'compensations tried again by operator': {
    levels: ['warn'],
    when: 'An operator had failed compensations tried again',
    fields: [...ORDER, 'operator', 'reason', 'status'],
  },
  'dead letters redriven': {
    levels: ['info'],
    when: 'An operator sent dead letters back to their queue',
    fields: ['operator', 'correlationId', 'queue', 'moved', 'chosen'],
  },
  'events replayed': {
    levels: ['info'],
    when: 'An operator had stored events fed to the read models',
    fields: ['operator', 'correlationId', 'matched', 'unreadable', 'dryRun'],
  },
  'projection rebuilt': {
    levels: ['info'],
    when: 'An operator had a read model built anew',
    fields: ['operator', 'correlationId', 'projection', 'orders', 'events', 'durationMs'],
  },
  'histories archived': {
    levels: ['info'],
    when: 'A run took durable histories out of the task hub',
    fields: ['purged', 'kept', 'finished'],
  },
  'history not archived': {
    levels: ['warn'],
    when: 'A history stays in the task hub',
    fields: ['orderId', 'why'],
  },
  'nothing more archived this time': {
    levels: ['warn'],
    when: 'The archive or the task hub was away; the next run goes on',
    fields: ['error'],
  },
  'another run archives histories: this one ends': {
    levels: ['warn'],
    when: 'Two instances ran the timer at once for a moment',
    fields: [],
  },
  'too many histories cannot be archived': {
    levels: ['error'],
    when: 'Runs end before they come to those behind',
    fields: ['kept'],
  },
  'intervention acted on': {
    levels: ['warn'],
    when: 'An operator claimed, released, tried again or resolved an intervention',
    fields: [...ORDER, 'operator', 'action', 'intervention', 'reason'],
  },
  'personal data erased': {
    levels: ['info'],
    when: 'The keys of a customer are destroyed; `again` where a list of erasures was applied to a restored backup',
    fields: ['tenantId', 'customerId', 'keyIds', 'requestedBy', 'again'],
  },
  'erasures finished': {
    levels: ['info'],
    when: 'The timer finished erasures that had waited for orders that ran',
    fields: ['finished'],
  },
  'no more erasures finished this time': {
    levels: ['warn'],
    when: 'The store or the vault was away; the next run goes on',
    fields: ['error'],
  },
  'keys rotated': {
    levels: ['info'],
    when: 'A tenant has a new key, and the keys of its customers are wrapped with it',
    fields: ['operator', 'tenantId', 'keyId', 'rewrapped'],
  },
  'bulk act failed': {
    levels: ['error'],
    when: 'One order of a bulk operation could not be acted on, by a mistake in this code; the operation goes on with the next',
    fields: ['bulkId', 'orderId', 'error'],
  },
  'bulk operation waits': {
    levels: ['warn'],
    when: 'The store or the task hub was away; the operation tries again by itself',
    fields: ['bulkId', 'error'],
  },
  'old orders exported': {
    levels: ['info'],
    when: 'A run of the export moved events and histories of old orders into files',
    fields: ['orders', 'finished'],
  },
  'nothing more exported this time': {
    levels: ['warn'],
    when: 'The store, the task hub or the files were away; the next run goes on',
    fields: ['error'],
  },
  'another run exports: this one ends': {
    levels: ['warn'],
    when: 'Two instances ran the timer at once for a moment',
    fields: [],
  },
} as const satisfies Readonly<Record<string, DescribedEvent>>;
