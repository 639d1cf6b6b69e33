// Registry of the codes that say more than an order's `failureCode` or a 503: on orders and interventions as
// `failureDetailCode` or `detailCode`, in `lastError.code`, and on errors in the log. errors.ts has the codes of answers.

export interface DetailCode {
  readonly meaning: string;
  readonly remedy: string;
}

/** Says what happened, and what to do. */
const because = (meaning: string, remedy: string): DetailCode => ({ meaning, remedy });

const AGAIN = 'Nothing to do: it is tried again';
const BUG = 'A bug: report it with the log line';
const OPERATOR = 'An operator compares the order with the ledger of the service';

/** Code → what it means and what to do. The table of docs/errors.md equals this (a test compares). */
export const DETAIL_CODES = {
  // The downstream services, as the app sees them.
  OUT_OF_STOCK: because('There is less in stock than the order asks for', 'Order less, or later'),
  NO_ANSWER: because('A service did not answer before the time of the step was over', AGAIN),
  CONNECTION_LOST: because('The connection to a service broke before its answer came', AGAIN),
  BAD_ANSWER: because('A service gave an answer that is not of the agreed form', 'Look at the service'),
  SERVICE_UNREACHABLE: because('No connection to a service can be made', 'Look at the service and its URL'),
  SERVICE_UNAVAILABLE: because(
    'A service is away or too busy (503, 429), or held back by its breaker',
    AGAIN,
  ),
  SERVICE_ERROR: because('A service answered with a fault of its own (5xx)', AGAIN),
  KEY_IN_PROGRESS: because('Another call under the same key is at work in the service', AGAIN),
  KEY_REUSED: because('A service has seen the key of a step with another request', BUG),
  KEY_CLOSED: because(
    'The effect was undone before, and its key closed: it will not be done any more',
    'Nothing to do',
  ),
  NOTIFICATION_FAILED: because('The notification service did not take a message', AGAIN),
  NOTHING_TO_UNDO: because(
    'The order says that a step was done, and its service knows nothing of it',
    OPERATOR,
  ),

  // The saga.
  CANCEL_REQUESTED: because('Cancelling the order was requested', 'Nothing to do'),
  REJECTED_BY_APPROVER: because('A person rejected the order', 'Order less, or ask the seller'),
  NO_APPROVAL_IN_TIME: because('Nobody answered before the time of the approval was over', 'Order again'),
  WORKING_TIME_OVER: because(
    'The working time of the saga (`SagaTimeoutMinutes`) was used up',
    'Order again',
  ),
  ACTIVITY_NOT_RUN: because('The platform could not run an activity', AGAIN),
  ACTIVITY_BROKE: because('An activity threw what it may not', BUG),
  UNEXPECTED_OUTCOME: because('An activity gave an answer that does not fit its step', BUG),
  NO_SUCH_ACTIVITY: because(
    'A saga asks for an activity that this version does not have',
    'Deploy the version that has it',
  ),
  DONE_TOO_LATE: because('A step was done when the order was going back already', OPERATOR),
  STANDS_AFTER_END: because(
    'What an order that failed or was cancelled has charged or sent still stands',
    OPERATOR,
  ),
  LOOK_UP_BROKE: because('What became of an effect could not be asked', AGAIN),
  NOT_FINISHED: because(
    'The end of an order could not be written for a long time',
    'An operator undoes the order',
  ),
  COMPENSATED_BY_OPERATOR: because('An operator had the order undone', 'Nothing to do'),
  COMPLETED: because('The saga completed, and the order did not end', 'An operator undoes the order'),
  FAILED: because('The saga failed', 'An operator rewinds it, or undoes the order'),
  TERMINATED: because('The saga was terminated', 'An operator restarts it, or undoes the order'),
  LOST: because(
    'The task hub does not know the saga of the order',
    'An operator restarts it, or undoes the order',
  ),

  // Returns.
  PARCEL_NOT_RECEIVED: because('No parcel came for the return in time', 'Request another return'),
  NOTHING_ACCEPTED: because('The inspection accepted nothing of the return', 'Nothing to do'),
  PARCEL_AFTER_END: because(
    'A parcel came for a return that was rejected',
    'An operator requests a return of the same items for it, or sends the parcel back',
  ),

  // Personal data.
  PERSONAL_DATA_ERASED: because(
    'A step needs personal data that was erased on demand of the customer',
    'Order again',
  ),
  VAULT_REFUSED: because(
    'The vault refuses its key, or the key file is gone or another one',
    'Look at `OrderProcessing:EncryptionKey`, and whether the app may use that key',
  ),
  CIPHERTEXT_INVALID: because(
    'What is encrypted was changed in the store, or copied there from another order',
    'Look at the store: who writes to it besides the app?',
  ),

  // The stores, and what goes out.
  STORE_REFUSED: because(
    'The order store answers and refuses a write',
    'Look at the log: a limit or a permission',
  ),
  STORE_BEHIND: because('A replica of the store does not show an event yet', AGAIN),
  ETAG_MISSING: because('The store answered a write without an etag', BUG),
  PATCH_TOO_WIDE: because('One append changes more fields than a patch can carry', BUG),
  ILLEGAL_MOVE: because('A fact may not follow in the state that the order is in', BUG),
  APPEND_CONFLICTS: because('Other writers got on first too many times in a row', AGAIN),
  OUT_OF_SCOPE: because('What is to be written belongs to another tenant or customer than its writer', BUG),
  ORDER_VANISHED: because(
    'An order that was there is gone from the store',
    'Look at the store: was it restored or purged?',
  ),
  ORDER_WENT_BACK: because(
    'The store has lost events that the saga has seen',
    'Look at the store: was it restored?',
  ),
  EVENT_UNREADABLE: because(
    'An event in a stream is not of its schema, or of a newer version',
    'Deploy the version that wrote it',
  ),
  EVENT_INVALID: because('An event that should go out is not of its schema: it is parked', BUG),
  SCHEMA_REFUSED: because(
    'A version of a schema breaks the one before it: the app does not start',
    'Make it compatible',
  ),
  ECHO_CONTENDED: because('Too many write the stock of one product at once', AGAIN),
  ALERT_DUE: because('Another process is about to raise the alert of the same low stock', AGAIN),
  PARCEL_AHEAD: because('The carrier’s news of a parcel came before the order was as far', AGAIN),
  EVENT_GRID_UNAVAILABLE: because('Event Grid does not take events', AGAIN),
  BREAKER_OPEN: because('Sending is held back after repeated failures', AGAIN),
} as const satisfies Record<string, DetailCode>;
