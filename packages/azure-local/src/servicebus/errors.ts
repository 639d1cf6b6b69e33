// Errors of the broker: an AMQP error condition and a description. They know no connection.
import type { HostLog } from '../kit/host-log';
import { StorageError } from '../storage/storage-error';

/** An answer that is not a success. */
export class BrokerError extends Error {
  constructor(
    readonly condition: string,
    message: string,
  ) {
    super(message);
    this.name = 'BrokerError';
  }

  /** The HTTP-like status of the condition in answers of `$management`. */
  get status(): number {
    return STATUSES[this.condition] ?? 500;
  }
}

const STATUSES: Readonly<Record<string, number>> = {
  'amqp:not-found': 404,
  'amqp:not-allowed': 400,
  'amqp:not-implemented': 501,
  'amqp:link:message-size-exceeded': 400,
  'com.microsoft:argument-error': 400,
  'com.microsoft:message-lock-lost': 410,
  'com.microsoft:session-lock-lost': 410,
  'com.microsoft:session-cannot-be-locked': 410,
  'com.microsoft:message-not-found': 404,
  'com.microsoft:timeout': 408,
  'com.microsoft:server-busy': 503,
};

/** The refusal of something the service has and this look-alike does not. */
export const notSimulated = (what: string, instead: string): BrokerError =>
  new BrokerError(
    'amqp:not-implemented',
    `The local Service Bus look-alike does not simulate ${what}. ${instead}`,
  );

export const notAllowed = (why: string): BrokerError => new BrokerError('amqp:not-allowed', why);

export const badArgument = (why: string): BrokerError => new BrokerError('com.microsoft:argument-error', why);

export const undecodable = (why: string): BrokerError => new BrokerError('amqp:decode-error', why);

export const entityNotFound = (path: string): BrokerError =>
  new BrokerError(
    'amqp:not-found',
    `The messaging entity '${path}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions. ` +
      'The look-alike has the entities of the Config.json that it was started with: add it there.',
  );

export const messageLockLost = (): BrokerError =>
  new BrokerError(
    'com.microsoft:message-lock-lost',
    'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
  );

export const sessionLockLost = (session: string): BrokerError =>
  new BrokerError(
    'com.microsoft:session-lock-lost',
    `The session lock was lost. Request a new session receiver. Session: '${session}'.`,
  );

export const sessionHeld = (session: string): BrokerError =>
  new BrokerError(
    'com.microsoft:session-cannot-be-locked',
    `The requested session '${session}' cannot be accepted. It may be locked by another receiver.`,
  );

export const noSession = (): BrokerError =>
  new BrokerError(
    'com.microsoft:timeout',
    'The operation did not complete within the allotted timeout: no session with messages is free.',
  );

export const messageNotFound = (): BrokerError =>
  new BrokerError(
    'com.microsoft:message-not-found',
    'Failed to lock one or more specified messages. The message does not exist.',
  );

export const replyLinkGone = (): BrokerError =>
  new BrokerError(
    'com.microsoft:argument-error',
    'The request was not carried out: the link for its reply was closed while the request waited for credit on it.',
  );

export const repliesNotTaken = (): BrokerError =>
  new BrokerError(
    'com.microsoft:server-busy',
    'The request was not carried out: too many wait already, because the client takes no replies. ' +
      'Grant credit on the link for replies, and read from the connection.',
  );

export const messageTooLarge = (bytes: number, most: number): BrokerError =>
  new BrokerError(
    'amqp:link:message-size-exceeded',
    `The received message of ${bytes} bytes exceeds the limit of ${most} bytes on this link.`,
  );

export const headersTooLarge = (bytes: number, most: number): BrokerError =>
  badArgument(`The properties of the message take ${bytes} bytes, over the limit of ${most} bytes.`);

export const idTooLong = (name: string, length: number, most: number): BrokerError =>
  badArgument(`The ${name} has ${length} characters, over the limit of ${most}.`);

/** The AMQP error that a client gets for `error`; an unexpected one goes to the log as well. */
export function refusalOf(error: unknown, log: HostLog): BrokerError {
  if (error instanceof BrokerError) return error;
  if (error instanceof StorageError) return new BrokerError('com.microsoft:server-busy', error.message);
  log.error('Service Bus look-alike: a request failed.', error);
  return new BrokerError('amqp:internal-error', `The look-alike failed; its log says why: ${String(error)}`);
}
