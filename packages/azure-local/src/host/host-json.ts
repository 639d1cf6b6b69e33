// Parser of host.json: the settings that this host obeys, and a warning for each that it does not. Sections of
// extensions are passed on unread to the files that simulate them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HostStartError } from './errors';
import type { LogLevel } from '../kit/log';
import { parseTimeSpan } from './time-span';

export interface HostJson {
  /** Before every route; '' for none. */
  readonly routePrefix: string;
  readonly logLevels: Readonly<Record<string, LogLevel>>;
  /** Undefined: no limit. */
  readonly functionTimeoutMs: number | undefined;
  readonly singleton: SingletonTimes;
  /** `extensions` by name, `durableTask` among them. */
  readonly extensions: Readonly<Record<string, JsonObject>>;
  /** Sentences about what is in the file and has no effect here. */
  readonly warnings: readonly string[];
}

/** How the listeners that run on one of several hosts find their host. */
export interface SingletonTimes {
  /** How long a lease is taken for; it is renewed at half of that. */
  readonly listenerLockPeriodMs: number;
  /** How often a host without it looks at it. */
  readonly listenerLockRecoveryPollingMs: number;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** The platform's default outside the consumption plan, and Core Tools'. */
const DEFAULT_FUNCTION_TIMEOUT_MS = 30 * 60_000;
const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];
/** Root keys of the platform's schema that change nothing about a run on one machine. */
const HARMLESS = ['$schema', 'extensionBundle', 'telemetryMode', 'watchDirectories', 'watchFiles'];
const OBEYED = ['version', 'extensions', 'logging', 'functionTimeout', 'singleton'];
const OBEYED_OF_SINGLETON = ['listenerLockPeriod', 'listenerLockRecoveryPollingInterval'];
const MINUTE_MS = 60_000;
/** What the platform takes at least; of a blob's lease that is the shortest. */
const SHORTEST_LOCK_MS = 15_000;

/**
 * Reads `host.json` in `appRoot`.
 * @throws HostStartError that names the file, the key and the remedy.
 */
export function readHostJson(appRoot: string): HostJson {
  const file = path.join(appRoot, 'host.json');
  const root = parseFile(file);
  const fail = (key: string, remedy: string): HostStartError =>
    new HostStartError(`${key} in ${file} is ${describeValue(valueAt(root, key))}: ${remedy}`);

  if (root['version'] !== '2.0') throw fail('version', 'version 4 of the runtime reads "2.0"; write that.');
  const extensions = section(root, 'extensions', fail);
  for (const name of Object.keys(extensions)) section(root, `extensions.${name}`, fail);
  const http = section(root, 'extensions.http', fail);
  const routePrefix = http['routePrefix'] ?? 'api';
  if (typeof routePrefix !== 'string')
    throw fail('extensions.http.routePrefix', 'write a text, "" for none.');
  return {
    routePrefix: routePrefix.replace(/^\/+|\/+$/g, ''),
    logLevels: readLogLevels(root, fail),
    functionTimeoutMs: readFunctionTimeout(root['functionTimeout'], fail),
    singleton: readSingleton(root, fail),
    extensions: extensions as Record<string, JsonObject>,
    warnings: [
      ...Object.keys(root).filter((key) => !OBEYED.includes(key) && !HARMLESS.includes(key)),
      ...Object.keys(http)
        .filter((key) => key !== 'routePrefix')
        .map((key) => `extensions.http.${key}`),
      ...Object.keys(section(root, 'singleton', fail))
        .filter((key) => !OBEYED_OF_SINGLETON.includes(key))
        .map((key) => `singleton.${key}`),
    ].map((key) => `${key} in ${file} is not simulated by the local host: it has no effect here.`),
  };
}

type Fail = (key: string, remedy: string) => HostStartError;

function parseFile(file: string): JsonObject {
  let root: unknown;
  try {
    root = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HostStartError(
      `${file} could not be read (${(error as Error).message}). A Functions app has one; the least is {"version":"2.0"}.`,
    );
  }
  if (isObject(root)) return root;
  throw new HostStartError(`${file} is not a JSON object: the least is {"version":"2.0"}.`);
}

function readLogLevels(root: JsonObject, fail: Fail): Record<string, LogLevel> {
  const levels = section(root, 'logging.logLevel', fail);
  return Object.fromEntries(
    Object.entries(levels).map(([category, value]) => {
      const level = LEVELS.find((known) => known === String(value).toLowerCase());
      if (level === undefined)
        throw fail(`logging.logLevel.${category}`, `write one of ${LEVELS.join(', ')}.`);
      return [category, level];
    }),
  );
}

function readFunctionTimeout(value: unknown, fail: Fail): number | undefined {
  if (value === undefined) return DEFAULT_FUNCTION_TIMEOUT_MS;
  if (value === '-1') return undefined;
  const timeoutMs = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw fail('functionTimeout', 'write a time such as "00:05:00", or "-1" for no limit.');
  }
  return timeoutMs;
}

function readSingleton(root: JsonObject, fail: Fail): SingletonTimes {
  const singleton = section(root, 'singleton', fail);
  const time = (key: string, longestMs: number): number => {
    const value = singleton[key];
    if (value === undefined) return MINUTE_MS;
    const ms = typeof value === 'string' ? parseTimeSpan(value) : undefined;
    if (ms !== undefined && ms >= SHORTEST_LOCK_MS && ms <= longestMs) return ms;
    const most = longestMs === MINUTE_MS ? ' to "00:01:00"' : ' or more';
    throw fail(`singleton.${key}`, `write a time from "00:00:15"${most}.`);
  };
  return {
    listenerLockPeriodMs: time('listenerLockPeriod', MINUTE_MS),
    listenerLockRecoveryPollingMs: time('listenerLockRecoveryPollingInterval', Infinity),
  };
}

function section(root: JsonObject, key: string, fail: Fail): JsonObject {
  const value = valueAt(root, key);
  if (value === undefined) return {};
  if (isObject(value)) return value;
  throw fail(key, 'write an object, or leave it out.');
}

/** The value at a dotted key; the category names of `logging.logLevel` hold dots themselves. */
function valueAt(root: JsonObject, key: string): unknown {
  const [first = '', second, ...rest] = key.split('.');
  const outer = root[first];
  if (second === undefined || !isObject(outer)) return second === undefined ? outer : undefined;
  const inner = outer[second];
  return rest.length === 0 || !isObject(inner) ? inner : inner[rest.join('.')];
}

function describeValue(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
