// Registry of the codes that requests and orders end with; detail-codes.ts has those that say more exactly why.
import { OPERATOR_CODES } from './operator-codes';

export interface ErrorCode {
  /** The HTTP status it is answered with; null for codes that are only seen on orders. */
  readonly status: number | null;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

/** Code → what it means and what to do. The table of docs/errors.md equals this (a test compares). */
export const ERROR_CODES = {
  MALFORMED_JSON: {
    status: 400,
    retryable: false,
    meaning: 'The body is not JSON',
    remedy: 'Send a JSON object',
  },
  VALIDATION_FAILED: {
    status: 400,
    retryable: false,
    meaning: 'A field, header or query parameter is missing or wrong',
    remedy: 'See `errors[]`: each entry names the path and what is expected there',
  },
  TENANT_UNKNOWN: {
    status: 400,
    retryable: false,
    meaning: 'The request names no tenant where there are several, or one that does not exist',
    remedy: 'Name the tenant in `X-Tenant-Id`; whoever is signed in leaves the header out',
  },
  CALLER_UNKNOWN: {
    status: 401,
    retryable: false,
    meaning: 'The request does not say who asks, or not validly',
    remedy: 'Sign in and send `Authorization: Bearer <token>`; locally `npm run token` makes one',
  },
  ROLE_MISSING: {
    status: 403,
    retryable: false,
    meaning: 'Whoever asks has none of the roles that may do this',
    remedy: 'Ask for a role that `detail` names',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning:
      'There is no such order, event type or customer to order for, or the order was not there at that time',
    remedy: 'Check the id, the type or the time',
  },
  API_VERSION_UNKNOWN: {
    status: 404,
    retryable: false,
    meaning: 'The path names a version of this API that there never was',
    remedy: 'Use a version that `detail` names, or none: `/api/orders` is the newest',
  },
  API_VERSION_REMOVED: {
    status: 410,
    retryable: false,
    meaning: 'The path names a version of this API that was removed',
    remedy: 'Use a version that `detail` names; the changes are in the changelog',
  },
  CANNOT_CANCEL: {
    status: 409,
    retryable: false,
    meaning: 'The order is shipped or has ended; it cannot be cancelled',
    remedy: 'Return the goods instead',
  },
  APPROVAL_ANSWERED: {
    status: 409,
    retryable: false,
    meaning:
      'The order was approved or rejected before, by a person or by the time-out: the first answer counts',
    remedy: '`detail` says who answered what, and when',
  },
  NOT_AWAITING_APPROVAL: {
    status: 409,
    retryable: false,
    meaning: 'Nobody is asked to approve the order: not yet, not any more, or not at all',
    remedy: 'Answer while the order is `awaitingApproval`; `detail` says how it stands',
  },
  SAGA_GONE: {
    status: 409,
    retryable: false,
    meaning:
      'The saga of the order was terminated, failed or is lost: a cancel would be followed by nothing, and an operator decides',
    remedy: 'An operator undoes the order: `POST /api/ops/orders/{id}/compensate`',
  },
  ...OPERATOR_CODES,
  INTAKE_PAUSED: {
    status: 503,
    retryable: true,
    meaning: 'An operator has paused the intake of orders: nothing was stored',
    remedy: 'Send the same request with the same `Idempotency-Key` after `Retry-After` seconds',
  },
  FEED_HELD: {
    status: 409,
    retryable: true,
    meaning: 'A read model is being rebuilt, and takes no events meanwhile',
    remedy: 'Ask again when the rebuild has ended; one that broke off is run again',
  },
  ORDER_TOO_LARGE: {
    status: 413,
    retryable: false,
    meaning:
      'The body is over the limit of its route (900 kB for orders and returns, else 64 kB), or the order has more than 1,000 lines',
    remedy: 'Split the order; what other routes take is far below their limit',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    meaning: 'The body is not `application/json`, or is compressed, or in another charset than utf-8',
    remedy: 'Send `Content-Type: application/json` and no `Content-Encoding`',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    meaning: 'The same `Idempotency-Key` came before with another body',
    remedy: 'Use a new key for a new order',
  },
  CANNOT_RETURN: {
    status: 409,
    retryable: false,
    meaning:
      'Nothing of the order can be returned: it is not completed, its time is over, or it has too many returns',
    remedy: 'Look at its status; the message says why',
  },
  RETURN_WRONG_STATUS: {
    status: 409,
    retryable: false,
    meaning: 'The return has gone on, or is not as far yet',
    remedy:
      'Look at the return: a parcel is received once it is authorised, inspected once it is received, and nothing is cancelled once something was accepted',
  },
  RETURN_EXCEEDS_ORDER: {
    status: 422,
    retryable: false,
    meaning: 'More is returned than was bought and is in no other return',
    remedy: 'See `errors[]`: each entry says how many pieces can still be returned',
  },
  PRICE_CHANGED: {
    status: 422,
    retryable: false,
    meaning: 'A line has another price than the product has now',
    remedy: 'Ask the customer; `errors[]` has the current price of each such line as `currentUnitPrice`',
  },
  TENANT_OVER_QUOTA: {
    status: 429,
    retryable: true,
    meaning:
      'The tenant asks this instance more often, or more at the same time, than its quota allows; each instance counts for itself',
    remedy: 'Send the same request again after `Retry-After` seconds; with the same key it has one effect',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The order store does not answer',
    remedy: 'Send the same request again after `Retry-After` seconds; with the same key it has one effect',
  },
  TASK_HUB_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The task hub, which keeps the sagas, does not answer',
    remedy: 'Ask again after `Retry-After` seconds; orders are taken all the same',
  },
  BROKER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'Service Bus does not answer',
    remedy: 'Ask again after `Retry-After` seconds; orders are taken all the same',
  },
  VAULT_UNAVAILABLE: {
    status: 503,
    retryable: true,
    meaning: 'The vault, which unlocks what personal data is encrypted with, does not answer',
    remedy: 'Send the same request again after `Retry-After` seconds; with the same key it has one effect',
  },
  KEY_MISSING: {
    status: 503,
    retryable: true,
    meaning: 'The store does not show a key that personal data is encrypted with, and it was not erased',
    remedy:
      'Ask again after `Retry-After` seconds; if it stays so: was the container `keys` restored to an older time?',
  },
  EVENT_NEWER: {
    status: 503,
    retryable: true,
    meaning: 'The history of the order holds events of a newer release than the instance that was asked',
    remedy: 'Ask again after `Retry-After` seconds: another instance answers once the deployment is through',
  },
  READ_MODEL_BEHIND: {
    status: 503,
    retryable: true,
    meaning: 'The list does not yet show the version that `minVersion` asks for',
    remedy: 'Ask again after `Retry-After` seconds; `version` in the list says how far it is',
  },
  INTERNAL_ERROR: {
    status: 500,
    retryable: true,
    meaning: 'A bug in this app',
    remedy: 'Report the `correlationId`',
  },
  INVENTORY_ERROR: {
    status: null,
    retryable: false,
    meaning: 'The stock could not be reserved; `failureDetailCode` says why (`OUT_OF_STOCK`)',
    remedy: 'Order less, or later',
  },
  COUPON_ERROR: {
    status: null,
    retryable: false,
    meaning: 'The coupon was not taken; `failureDetailCode` says why',
    remedy: 'Order without it, or with another',
  },
  PAYMENT_FAILED: {
    status: null,
    retryable: false,
    meaning: 'The payment was not taken; `failureDetailCode` says why (`CARD_DECLINED`)',
    remedy: 'Use another payment method',
  },
  SHIPPING_ERROR: {
    status: null,
    retryable: false,
    meaning: 'The carrier did not take the parcel; `failureDetailCode` says why (`CARRIER_REFUSED`)',
    remedy: 'Check the address',
  },
  STEP_TIMED_OUT: {
    status: null,
    retryable: false,
    meaning:
      'A service did not answer in time, and whether it acted is unknown; `failureDetailCode` names the step',
    remedy: 'Order again: everything that may have happened was undone',
  },
  SAGA_TIMED_OUT: {
    status: null,
    retryable: false,
    meaning: 'The order was not finished within `SagaTimeoutMinutes`',
    remedy: 'Order again: everything that may have happened was undone',
  },
  APPROVAL_REJECTED: {
    status: null,
    retryable: false,
    meaning: 'A person rejected the order, which is above the limit; `failureReason` says why',
    remedy: 'Order less, or ask the seller',
  },
  APPROVAL_TIMED_OUT: {
    status: null,
    retryable: false,
    meaning: 'Nobody approved the order, which is above the limit, within `ApprovalTimeoutMinutes`',
    remedy: 'Order again',
  },
  APPROVAL_FAILED: {
    status: null,
    retryable: false,
    meaning: 'The approval could not be asked for, or its answer not be read; `failureDetailCode` says why',
    remedy: 'Order again: everything that may have happened was undone',
  },
  ORDER_CANCELLED: {
    status: null,
    retryable: false,
    meaning: 'The customer cancelled the order',
    remedy: 'Nothing to do',
  },
  RETURN_REJECTED: {
    status: null,
    retryable: false,
    meaning:
      'On a return: it was cancelled, no parcel came, or nothing was accepted; `failureDetailCode` says which',
    remedy: 'Request another return while the order can be returned',
  },
  RETURN_FAILED: {
    status: null,
    retryable: false,
    meaning: 'On a return: a step could not be done, and an operator was asked',
    remedy:
      'An operator looks at the return, and has it tried again: `POST /api/orders/{id}/returns/{number}/retry`',
  },
  SAGA_LOST: {
    status: null,
    retryable: false,
    meaning:
      'The orchestration ended or was terminated without finishing the order; on a failed order: an operator had it undone',
    remedy:
      'An operator looks at `/api/orders/{id}/saga` and rewinds or restarts it, or undoes the order: `POST /api/ops/orders/{id}/compensate`',
  },
} as const satisfies Record<string, ErrorCode>;
