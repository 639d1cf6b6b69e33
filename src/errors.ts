// Errors that the app throws; their codes are in error-codes.ts and detail-codes.ts.
import type { DETAIL_CODES } from './detail-codes';
import { ERROR_CODES, type ErrorCode } from './error-codes';

export { ERROR_CODES, type ErrorCode };

/** Every code that may be thrown is registered. */
export type ThrownCode = keyof typeof ERROR_CODES | keyof typeof DETAIL_CODES;

/** It did not work this time; the same call may work later. `outage`: the other side is away; `shown`: what the caller may read of it. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  constructor(
    readonly code: ThrownCode,
    message: string,
    readonly details: {
      readonly outage?: boolean;
      readonly shown?: string;
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

/** A code that HTTP requests are answered with. */
export type HttpErrorCode = {
  [C in keyof typeof ERROR_CODES]: (typeof ERROR_CODES)[C]['status'] extends number ? C : never;
}[keyof typeof ERROR_CODES];

export function isHttpErrorCode(code: string): code is HttpErrorCode {
  const known: Readonly<Record<string, ErrorCode>> = ERROR_CODES;
  return Object.hasOwn(known, code) && known[code]?.status !== null;
}
