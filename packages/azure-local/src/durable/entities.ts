// Runner of entities in the mode `atomic`: operations wait in the inbox of the entity's row, and a batch of them runs
// in one call of the function. It knows no orchestration; the engine delivers the answers.
//
// durable-entities.N1  One batch at a time per entity; its new state, its answers and its signals are one write that
//   also takes its operations out of the inbox. So an operation acts on the state exactly once and may run more than
//   once.
// durable-entities.N2  A batch holds what has arrived, signals and calls, in the order of arrival.
// durable-entities.N3  An entity without waiting operations is not in memory.
import type { DurableFunctionInvoker } from './contract';
import type { HostLog } from '../kit/host-log';
import { entityOf, type EntityRequest } from './entity-messages';
import type { InstanceRow } from './stored-rows';
import { WorkQueue, type Outstanding } from './work-queue';

/** An operation in an entity's inbox. */
export interface Operation {
  readonly inboxId: number;
  readonly request: EntityRequest;
}

/** What the rows of an entity hold: the state is JSON text. */
export interface EntityState {
  readonly exists: boolean;
  readonly state: string | null;
}

/** What came of a batch; `results` are in its order. */
export interface BatchOutcome extends EntityState {
  readonly id: string;
  readonly key: number;
  readonly batch: readonly Operation[];
  readonly results: readonly { readonly isError: boolean; readonly result?: string }[];
  readonly signals: readonly { readonly to: { name: string; key: string }; name: string; input: string }[];
}

export interface EntitiesOptions {
  readonly functions: DurableFunctionInvoker;
  readonly log: HostLog;
  readonly outstanding: Outstanding;
  readonly maxConcurrent: number;
  find(id: string): InstanceRow | undefined;
  /** durable-entities.N1. Writes what came of a batch, unless the engine has closed. */
  record(outcome: BatchOutcome): void;
}

interface Entity {
  readonly id: string;
  readonly key: number;
  readonly queue: Operation[];
  current: EntityState;
  busy: boolean;
}

/** Made by the engine. */
export class Entities {
  private readonly active = new Map<string, Entity>();
  private readonly batches: WorkQueue<Entity>;

  constructor(private readonly options: EntitiesOptions) {
    const { maxConcurrent, outstanding } = options;
    this.batches = new WorkQueue(maxConcurrent, (entity) => this.runBatch(entity), outstanding);
  }

  /** Takes an operation that is in the inbox of the row `key`. */
  accept(id: string, key: number, operation: Operation): void {
    const entity = this.active.get(id) ?? this.load(id, key);
    entity.queue.push(operation);
    this.wake(entity);
  }

  /** Lets no further batch begin. */
  close(): void {
    this.batches.close();
  }

  private load(id: string, key: number): Entity {
    const current = stateOf(this.options.find(id));
    const entity: Entity = { id, key, queue: [], current, busy: false };
    this.active.set(id, entity);
    return entity;
  }

  private wake(entity: Entity): void {
    if (entity.busy) return;
    if (entity.queue.length === 0) {
      this.active.delete(entity.id);
      return;
    }
    entity.busy = true;
    this.batches.push(entity);
  }

  private async runBatch(entity: Entity): Promise<void> {
    // What arrives in the same turn of the event loop shares the batch.
    await Promise.resolve();
    const batch = entity.queue.splice(0);
    const answer = await invokeEntity(this.options, entity.id, entity.current, batch);
    entity.current = { exists: answer.exists, state: answer.state };
    this.options.record({ id: entity.id, key: entity.key, batch, ...answer });
    entity.busy = false;
    this.wake(entity);
  }
}

/** What one call of the entity's function leaves. */
export type EntityAnswer = Pick<BatchOutcome, 'exists' | 'state' | 'results' | 'signals'>;

/** Runs a batch in one call of the entity's function; a function that fails leaves the state and fails each operation. */
export async function invokeEntity(
  { functions, log }: Pick<EntitiesOptions, 'functions' | 'log'>,
  id: string,
  current: EntityState,
  batch: readonly Pick<Operation, 'request'>[],
): Promise<EntityAnswer> {
  const self = entityOf(id);
  const name = functions.entities().find((known) => known.toLowerCase() === self.name) ?? self.name;
  const operations = batch.map(({ request }) => ({
    name: request.op,
    input: request.input ?? null,
    isSignal: request.signal === true,
    id: request.id,
  }));
  const trigger = JSON.stringify({ self, ...current, batch: operations });
  try {
    return readAnswer(await functions.invoke(name, trigger, { instanceId: id, self }), batch.length);
  } catch (error) {
    log.warn(`Entity '${self.name}' (${id}) failed: ${String(error)}`);
    const result = JSON.stringify(String(error));
    return { ...current, results: batch.map(() => ({ isError: true, result })), signals: [] };
  }
}

interface WireAnswer {
  readonly entityExists: boolean;
  readonly entityState?: string | null;
  readonly results: readonly { isError: boolean; result?: string }[];
  readonly signals: readonly { target: { name: string; key: string }; name: string; input: string }[];
}

function readAnswer(returned: unknown, count: number) {
  const answer = (typeof returned === 'string' ? JSON.parse(returned) : returned) as WireAnswer | undefined;
  if (!Array.isArray(answer?.results) || answer.results.length < count) {
    throw new Error('its function did not return an entity state. Register it with df.app.entity.');
  }
  return {
    exists: answer.entityExists,
    state: answer.entityState ?? null,
    results: answer.results,
    signals: answer.signals.map(({ target, name, input }) => ({ to: target, name, input })),
  };
}

/** How the row of an entity keeps its state, as the recorded status shows it. */
export const schedulerState = ({ exists, state }: EntityState): string =>
  JSON.stringify({ ...(exists ? { exists, state: state ?? undefined } : undefined), sorter: {} });

/** The state in an entity's row. */
export function stateOf(row: Pick<InstanceRow, 'input'> | undefined): EntityState {
  const { exists, state } = JSON.parse(row?.input ?? '{}') as Partial<EntityState>;
  return { exists: exists === true, state: state ?? null };
}
