// Errors that the app throws, and the registry of the codes that requests and orders end with (see detail-codes.ts).
import type { DETAIL_CODES } from './detail-codes';

/** Every code that may be thrown is registered. */
export type ThrownCode = keyof typeof ERROR_CODES | keyof typeof DETAIL_CODES;

/** It did not work this time; the same call may work later. `outage`: the other side is away. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  constructor(
    readonly code: ThrownCode,
    message: string,
    readonly details: {
      readonly outage?: boolean;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

/** A bug or a broken contract: trying again would not help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  constructor(
    readonly code: ThrownCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

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
  OPERATOR_REQUIRED: {
    status: 401,
    retryable: false,
    meaning: 'Only operators may do this, and the request names none',
    remedy:
      'Send `Authorization: Bearer <token>` with the operator token that `npm start` prints, or sign in',
  },
  OPERATOR_ROLE_MISSING: {
    status: 403,
    retryable: false,
    meaning: 'Only operators may do this, and whoever asks is signed in but is none',
    remedy: 'Ask for the role `operator`',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    meaning: 'There is no such order or event type, or the order was not there at that time',
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
  SAGA_WRONG_STATUS: {
    status: 409,
    retryable: false,
    meaning: 'The saga has ended, or is in a status in which this makes no sense',
    remedy:
      'Look at `GET /api/orders/{id}/saga`: only a running saga is suspended, only a suspended one resumed',
  },
  SAGA_CHOREOGRAPHED: {
    status: 409,
    retryable: false,
    meaning:
      'The order began while `OrderProcessing:SagaMode` was `choreography`: no instance of its saga is there to be controlled',
    remedy:
      'Cancel the order (`POST /api/orders/{id}/cancel`), or hold back the messages of all orders (docs/choreography.md)',
  },
  SAGA_GONE: {
    status: 409,
    retryable: false,
    meaning:
      'The saga of the order was terminated, failed or is lost: a cancel would be followed by nothing, and an operator decides',
    remedy: 'An operator undoes the order: `POST /api/ops/orders/{id}/compensate`',
  },
  CANNOT_COMPENSATE: {
    status: 409,
    retryable: false,
    meaning: 'The order is shipped or completed, or its saga still carries it on',
    remedy:
      'Cancel an order whose saga runs (`POST /api/orders/{id}/cancel`); `detail` says what stands in the way',
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
    meaning: 'The body is over 900 kB or the order has more than 1,000 lines',
    remedy: 'Split the order',
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
  PRICE_CHANGED: {
    status: 422,
    retryable: false,
    meaning: 'A line has another price than the product has now',
    remedy: 'Ask the customer; `errors[]` has the current price of each such line as `currentUnitPrice`',
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
    remedy: 'Ask again after `Retry-After` seconds; `X-As-Of` says how far the list is',
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
  ORDER_CANCELLED: {
    status: null,
    retryable: false,
    meaning: 'The customer cancelled the order',
    remedy: 'Nothing to do',
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

/** A code that HTTP requests are answered with. */
export type HttpErrorCode = {
  [C in keyof typeof ERROR_CODES]: (typeof ERROR_CODES)[C]['status'] extends number ? C : never;
}[keyof typeof ERROR_CODES];

export function isHttpErrorCode(code: string): code is HttpErrorCode {
  const known: Readonly<Record<string, ErrorCode>> = ERROR_CODES;
  return Object.hasOwn(known, code) && known[code]?.status !== null;
}
