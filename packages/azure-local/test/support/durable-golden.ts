// The recordings of the real host and extension, and how a run of the local engine is brought into their form.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HubHarness, Invocation } from '../../testing/durable-harness';

const FOLDER = path.join(__dirname, '../golden/durable');

/** Recordings of management calls that belong to no scenario. */
const CALLS_ONLY = ['management_endpoints.json', 'query_purge_entities.json'];

/** A recorded HTTP exchange. */
export interface Exchange {
  readonly request: { method: string; path: string; headers: Record<string, string>; body: string | null };
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: unknown;
}

interface RecordedInvocation {
  readonly kind: 'orchestrator' | 'activity' | 'entity';
  readonly function: string;
  readonly payload: unknown;
  readonly returned?: unknown;
  readonly exception?: { readonly message: string; readonly '$OutOfProcData$(parsed)'?: unknown };
}

/** One scenario: what was sent, answered and replayed. */
export interface Recording {
  readonly orchestrator: string;
  readonly startBody: string | null;
  readonly ops?: unknown;
  readonly statusFinal: Exchange;
  /** Without the history. */
  readonly statusFinalPlain: Exchange;
  readonly replays: readonly RecordedInvocation[];
}

/** The names of the recorded scenarios that `pattern` matches. */
export const scenarios = (pattern: RegExp): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && !CALLS_ONLY.includes(file))
    .map((file) => file.slice(0, -'.json'.length))
    .filter((name) => pattern.test(name));

/** A recording by its name; its shape is the caller's to know. */
export const readGolden = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'));

/** The exchanges inside `ops`, in order, without those that show what was true for a moment only. */
export function exchanges(ops: unknown): Exchange[] {
  if (typeof ops !== 'object' || ops === null) return [];
  if ('request' in ops) return [ops as Exchange];
  return Object.entries(ops).flatMap(([name, inner]) =>
    name === 'afterImmediately' ? [] : exchanges(inner),
  );
}

/** Repeats a recorded call against the local API; `ids` are the instances that the recording numbers from 1. */
export function repeat(harness: HubHarness, { request }: Exchange, ids: readonly string[]) {
  const where = request.path
    .replace(/<hex32-(\d+)>/g, (_, number: string) => ids[Number(number) - 1] ?? 'unknown')
    .replaceAll('<key>', KEY);
  return harness.callPath(request.method, where, request.body ?? undefined, request.headers);
}

/** The system key in a repeated call. */
export const KEY = 'key';

/** Differences that every scenario has. Each replacement is made on both sides; the reason stands beside it. */
const EVERYWHERE: readonly (readonly [RegExp, string])[] = [
  // What was masked in the recordings: generated ids and moments (.NET counts in 100 ns, we in milliseconds).
  [/<hex32-\d+>|\b[0-9a-f]{32}\b/g, '<id>'],
  [/<guid-\d+>|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<guid>'],
  [/<ts\.\d(?:Z|[+-]\d\d:\d\d)?>|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<ts>'],
  // The text of a .NET exception: its keys are compared in a test of their own, its stack is .NET's.
  [/\{"\$type":"System\.[^]*$/, '<exception>'],
  [/<httpdate>|\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '<httpdate>'],
  [/(?<=, StackTrace: )[^]*$/, '<stack>'],
];

/** What the SDK measures of an entity's operations. */
const MEASURED = ['duration', 'startTime'];

/** Long runs of one character were shortened in the recordings. */
const shortenRuns = (text: string): string =>
  text.replace(/(.)\1{999,}/g, (run, character: string) => `<${character} x${run.length}>`);

/** The recorded form of any JSON value. */
export function normalise(value: unknown): unknown {
  if (typeof value === 'string') {
    return EVERYWHERE.reduce((text, [pattern, mask]) => text.replace(pattern, mask), shortenRuns(value));
  }
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, MEASURED.includes(key) ? 0 : normalise(inner)]),
  );
}

/** A recorded call of a function, comparable. Key order counts, so objects become text. */
export const recordedCall = (call: RecordedInvocation): string =>
  comparable(
    call.kind,
    call.function,
    call.payload,
    call.returned ?? call.exception?.['$OutOfProcData$(parsed)'] ?? call.exception?.message,
  );

/** A local call of a function in the same form. */
export function localCall({ kind, name, triggerData, returned, thrown }: Invocation): string {
  const outcome = typeof returned === 'string' ? printed(returned) : returned;
  return comparable(kind, name, printed(triggerData), thrown === undefined ? outcome : thrownState(thrown));
}

const comparable = (kind: string, name: string, payload: unknown, outcome: unknown): string => {
  // What crosses to the worker crosses as JSON, and null and undefined are both no data.
  const plain: unknown = outcome === undefined ? null : JSON.parse(JSON.stringify(outcome));
  return JSON.stringify([kind, name, normalise(payload), normalise(plain)], null, 1);
};

/** As the recorder printed text: parsed when it holds an object or a string. */
function printed(data: string | undefined): unknown {
  if (data === undefined) return null;
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === 'object' || typeof parsed === 'string' ? parsed : data;
  } catch {
    return data;
  }
}

function thrownState(thrown: unknown): unknown {
  const message = String((thrown as { message?: unknown }).message ?? thrown);
  const label = '$OutOfProcData$:';
  const at = message.indexOf(label);
  return at < 0 ? message : JSON.parse(message.slice(at + label.length));
}
