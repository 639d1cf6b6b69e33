// Parser of `extensions.serviceBus` in host.json, with the names of extension bundle 4: the settings that the triggers
// obey.
import { HostStartError } from '../errors';
import type { JsonObject } from '../host-json';
import { parseTimeSpan } from '../time-span';

export interface ServiceBusOptions {
  readonly autoCompleteMessages: boolean;
  /** Messages held beyond those being handled. */
  readonly prefetchCount: number;
  /** How long the lock of a message, or of a session, is renewed while its function runs. */
  readonly maxAutoLockRenewalMs: number;
  /** Per function, for one message at a time. */
  readonly maxConcurrentCalls: number;
  readonly maxConcurrentSessions: number;
  readonly maxMessageBatchSize: number;
  readonly minMessageBatchSize: number;
  /** How long a batch below the least size is waited for. */
  readonly maxBatchWaitMs: number;
  /** How long a session without messages is kept. */
  readonly sessionIdleTimeoutMs: number;
}

const MINUTE_MS = 60_000;
const DEFAULTS: ServiceBusOptions = {
  autoCompleteMessages: true,
  prefetchCount: 0,
  maxAutoLockRenewalMs: 5 * MINUTE_MS,
  maxConcurrentCalls: 16,
  maxConcurrentSessions: 8,
  maxMessageBatchSize: 1_000,
  minMessageBatchSize: 1,
  maxBatchWaitMs: MINUTE_MS / 2,
  sessionIdleTimeoutMs: MINUTE_MS,
};

const COUNTS = {
  prefetchCount: 0,
  maxConcurrentCalls: 1,
  maxConcurrentSessions: 1,
  maxMessageBatchSize: 1,
  minMessageBatchSize: 1,
} as const;
const TIMES = {
  maxAutoLockRenewalDuration: 'maxAutoLockRenewalMs',
  maxBatchWaitTime: 'maxBatchWaitMs',
  sessionIdleTimeout: 'sessionIdleTimeoutMs',
} as const;

/**
 * Reads the section; `warn` gets what has no effect here.
 * @throws HostStartError naming key, value and remedy.
 */
export function readServiceBusOptions(
  section: JsonObject,
  warn: (message: string) => void,
): ServiceBusOptions {
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(section)) {
    if (key === 'autoCompleteMessages') read[key] = readSwitch(key, value);
    else if (isKeyOf(COUNTS, key)) read[key] = readCount(key, value, COUNTS[key]);
    else if (isKeyOf(TIMES, key)) read[TIMES[key]] = readTime(key, value);
    else
      warn(`extensions.serviceBus.${key} in host.json is not simulated by the local host: no effect here.`);
  }
  const options: ServiceBusOptions = { ...DEFAULTS, ...read };
  if (options.minMessageBatchSize > options.maxMessageBatchSize) {
    throw fail('minMessageBatchSize', options.minMessageBatchSize, 'not more than maxMessageBatchSize');
  }
  return options;
}

function readSwitch(key: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw fail(key, value, 'true or false');
}

function readCount(key: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  throw fail(key, value, `a whole number, ${least} or more`);
}

function readTime(key: string, value: unknown): number {
  const timeMs = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (timeMs !== undefined) return timeMs;
  throw fail(key, value, 'a time such as "00:05:00"');
}

function isKeyOf<Table extends object>(table: Table, key: string): key is keyof Table & string {
  return Object.hasOwn(table, key);
}

function fail(key: string, value: unknown, wanted: string): HostStartError {
  return new HostStartError(
    `extensions.serviceBus.${key} in host.json is ${JSON.stringify(value)}: write ${wanted}.`,
  );
}
