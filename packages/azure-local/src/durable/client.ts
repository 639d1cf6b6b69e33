// Client API of the engine: start, status, raise event, terminate, purge. Every answer is a value; management.ts
// offers it over HTTP, the worker binding to the app.
//
// durable-client.M1  What a change rests on is looked up in the turn in which the change is made: whatever is looked up
//   before a wait, another client may have changed meanwhile.
import { randomUUID } from 'node:crypto';
import { entityOf } from './entity-messages';
import {
  eventRaised,
  executionResumed,
  executionSuspended,
  executionTerminated,
  timestamp,
} from './history-events';
import type { DurableHub } from './hub';
import type { Message, RuntimeStatus } from './instance';
import type { InstanceFilter } from './instance-filter';
import { IS_ENTITY } from './store-writers';
import type { InstanceRow } from './stored-rows';

/** The outcome of a message to one instance. Accepted means: on disk. */
export type SendOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'wrongStatus'; readonly status: RuntimeStatus };

export type StartOutcome =
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'running'; readonly status: RuntimeStatus };

export type PurgeOutcome =
  | { readonly kind: 'purged' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'running'; readonly status: RuntimeStatus };

export interface StartRequest {
  readonly name: string;
  /** Without one a new id is made: 32 hexadecimal digits. */
  readonly id?: string | undefined;
  /** JSON text, or null for none. */
  readonly input: string | null;
  readonly version?: string | null;
  /** The instance that it is a restart of. */
  readonly restartOf?: string;
}

/**
 * Begins an instance. An id that runs is refused, and an entity's; one that has ended is overwritten, as the platform
 * does. The answer that it runs is as reliable as that of its start: it is on disk.
 */
export async function startInstance(engine: DurableHub, request: StartRequest): Promise<StartOutcome> {
  const id = request.id ?? randomUUID().replaceAll('-', '');
  const unfinished = engine.unfinished(id);
  const earlier = engine.store.find(id);
  const isEntity = earlier?.ended === IS_ENTITY;
  if (unfinished !== undefined || isEntity) {
    await engine.store.onDisk();
    return { kind: 'running', status: unfinished?.status ?? 'Running' };
  }
  await engine.begin(
    {
      id,
      // Recorded: the execution id of a restart has no dashes.
      executionId: request.restartOf !== undefined ? randomUUID().replaceAll('-', '') : randomUUID(),
      name: request.name,
      version: request.version ?? engine.defaultVersion,
      input: request.input,
      generation: earlier === undefined ? 0 : (earlier.generation ?? 0) + 1,
      ...(request.restartOf === undefined || request.restartOf === id
        ? undefined
        : { source: request.restartOf }),
    },
    earlier?.key,
  );
  return { kind: 'started', id };
}

/** Raises an external event; `input` is JSON text. It waits until the orchestrator asks for it, however late. */
export const raiseEvent = (
  engine: DurableHub,
  id: string,
  name: string,
  input: string,
): Promise<SendOutcome> => send(engine, id, (at) => ({ kind: 'raise', event: eventRaised(name, input, at) }));

/** Ends an instance without compensation, after one more replay. */
export const terminate = (engine: DurableHub, id: string, reason: string | null): Promise<SendOutcome> =>
  send(engine, id, (at) => ({ kind: 'terminate', event: executionTerminated(reason, at), reason }));

/** Stops an instance from scheduling anything until it is resumed. */
export const suspend = (engine: DurableHub, id: string, reason: string | null): Promise<SendOutcome> =>
  send(
    engine,
    id,
    (at) => ({ kind: 'suspend', event: executionSuspended(reason, at) }),
    (status) => status !== 'Suspended',
  );

/**
 * Sends an operation to an entity; `input` is JSON text. Resolves when it is on disk, or with the names of the known
 * entities when the app has none of this name.
 */
export async function signalEntity(
  engine: DurableHub,
  id: string,
  op: string,
  input: string | undefined,
): Promise<readonly string[] | undefined> {
  const known = engine.entityNames();
  if (!known.some((name) => name.toLowerCase() === entityOf(id).name)) return known;
  await engine.signal(id, { op, signal: true, ...(input === undefined ? undefined : { input }) });
  return undefined;
}

/** Lets a suspended instance go on. */
export const resume = (engine: DurableHub, id: string, reason: string | null): Promise<SendOutcome> =>
  send(
    engine,
    id,
    (at) => ({ kind: 'resume', event: executionResumed(reason, at) }),
    (status) => status === 'Suspended',
  );

async function send(
  engine: DurableHub,
  id: string,
  message: (at: string) => Message,
  allowed?: (status: RuntimeStatus) => boolean,
): Promise<SendOutcome> {
  const instance = engine.unfinished(id);
  if (instance === undefined) {
    return (await engine.store.status(id)) === undefined ? { kind: 'notFound' } : { kind: 'ended' };
  }
  if (allowed?.(instance.status) === false) return { kind: 'wrongStatus', status: instance.status };
  await engine.send(id, message(timestamp(engine.clock.now())));
  return { kind: 'accepted' };
}

export type RewindAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'notFailed'; readonly status: RuntimeStatus }
  | { readonly kind: 'refused'; readonly why: string };

/** Takes back the failures of a failed instance and lets it run on. Accepted means: on disk. */
export async function rewind(engine: DurableHub, id: string, reason: string | null): Promise<RewindAnswer> {
  const row = engine.store.find(id);
  if (row === undefined) return { kind: 'notFound' };
  if (row.status !== 'Failed') return { kind: 'notFailed', status: row.status };
  const outcome = await engine.rewind(row, reason);
  return outcome.kind === 'rewound' ? { kind: 'accepted' } : outcome;
}

/** Starts the same orchestrator with the same input again, under a new id or in the place of the ended instance. */
export async function restart(
  engine: DurableHub,
  id: string,
  hasNewId: boolean,
): Promise<StartOutcome | { readonly kind: 'notFound' }> {
  const row = await engine.store.status(id);
  if (row === undefined) return { kind: 'notFound' };
  const { name, input } = row;
  return startInstance(engine, { name, input, ...(hasNewId ? undefined : { id }), restartOf: id });
}

/** Forgets an ended instance and its history. */
export async function purgeInstance(engine: DurableHub, id: string): Promise<PurgeOutcome> {
  const row = engine.store.find(id);
  if (row === undefined) return { kind: 'notFound' };
  if (row.ended !== 1) return { kind: 'running', status: row.status };
  await engine.store.purge([row.key]);
  return { kind: 'purged' };
}

/** How many instances one write of a purge takes, so that other writes do not wait for long. */
const PURGE_CHUNK = 200;

/** Forgets every ended instance that the filter takes; returns how many. Unfinished ones are never purged. */
export async function purgeInstances(engine: DurableHub, filter: InstanceFilter): Promise<number> {
  let purged = 0;
  let afterId = '';
  for (;;) {
    const rows = await engine.store.list({ ...filter, afterId }, PURGE_CHUNK);
    const last = rows.at(-1);
    if (last === undefined) return purged;
    const keys = rows.filter((row) => hasEnded(engine, row)).map((row) => row.key);
    await engine.store.purge(keys);
    purged += keys.length;
    afterId = last.id;
  }
}

/** durable-client.M1. Whether this very run has ended and has not been rewound. */
function hasEnded(engine: DurableHub, { id, key }: InstanceRow): boolean {
  const now = engine.store.find(id);
  return now?.key === key && now.ended === 1;
}
