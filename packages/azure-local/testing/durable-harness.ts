// Harness of the durable engine: a manual clock, the real SDK on top and the management API on a free port. Importing
// it supplies `@azure/functions-core`; import it before the SDK is used.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from '../src/kit/clock';
import type { DurableFunctionInvoker } from '../src/durable/contract';
import { createAzureEngine, type AzureEngine } from '../src/durable/azure/azure-engine';
import type { AzureEngineOptions } from '../src/durable/azure/azure-options';
import { createDurableEngine, type DurableEngine } from '../src/durable/engine';
import type { DurableEngineOptions } from '../src/durable/engine-options';
import type { EpisodeHolds } from '../src/durable/episode-holds';
import type { DurableHub, StorageMode } from '../src/durable/hub';
import { MANAGEMENT_PATH } from '../src/durable/management-urls';
import type { Versioning } from '../src/durable/versioning';
import { listenOnLoopback } from '../src/kit/listen';
import { Journal } from '../src/storage/journal';
import { SharedFile } from '../src/storage/shared-file';
import type * as DurableCore from './durable-core';
import { registeredFunctions } from './durable-core';
import { caller, serve, type Answer, type Call } from './durable-http-api';

jest.mock(
  '@azure/functions-core',
  () => jest.requireActual<typeof DurableCore>('./durable-core').coreModule,
  { virtual: true },
);

/** One call of a function and what came of it. */
export interface Invocation {
  readonly name: string;
  readonly kind: 'orchestrator' | 'activity' | 'entity';
  readonly instanceId: string;
  readonly triggerData: string | undefined;
  returned?: unknown;
  thrown?: unknown;
}

export interface HarnessOptions {
  readonly file?: string;
  readonly clock?: ManualClock;
  readonly systemKey?: string;
  readonly maxConcurrentActivities?: number;
  readonly maxConcurrentOrchestrators?: number;
  readonly versioning?: Versioning;
  readonly holds?: EpisodeHolds;
  readonly callHttp?: DurableEngineOptions['callHttp'];
  /** Stands in for activities whose end the test decides. */
  readonly activities?: Readonly<Record<string, (input: string | undefined) => Promise<unknown>>>;
}

export interface AzureHarnessOptions
  extends Omit<HarnessOptions, 'file'>, Pick<AzureEngineOptions, 'hostId' | 'endsAt' | 'provider'> {
  /** The hub that is there already; it stays open. */
  readonly hub?: SharedFile;
  /** The test starts the engine itself. */
  readonly startsLater?: true;
}

/** What a test has in its hands, whichever the engine's storage. */
export interface HubHarness<Engine extends DurableHub = DurableHub> {
  readonly clock: ManualClock;
  readonly engine: Engine;
  readonly invocations: Invocation[];
  readonly warnings: string[];
  readonly origin: string;
  /** A call of the management API; `path` begins after /runtime/webhooks/durabletask. */
  call: Call;
  /** A call of any path. */
  callPath: Call;
  /** Starts an instance through the API and returns its id. */
  start: (name: string, input?: unknown, id?: string) => Promise<string>;
  raise: (id: string, event: string, data: unknown) => Promise<Answer>;
  /** The status with its history, when nothing can go on without time or a client. */
  settled: (id: string) => Promise<StatusBody>;
  close: () => Promise<void>;
}

export interface Harness extends HubHarness<DurableEngine> {
  readonly journal: Journal;
}

export interface AzureHarness extends HubHarness<AzureEngine> {
  readonly hub: SharedFile;
}

export interface StatusBody {
  readonly instanceId: string;
  readonly name: string;
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly input: unknown;
  readonly historyEvents?: readonly Record<string, unknown>[];
}

export const HUB = 'GoldenHub';
export const JSON_BODY = { 'Content-Type': 'application/json' };

const folders: string[] = [];
const open = new Set<HubHarness>();

/** A folder that `cleanUp` removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'durable-'));
  folders.push(folder);
  return folder;
}

/** Closes and removes whatever the test opened; to be called after each. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...open].map((harness) => harness.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Starts an engine of the mode `atomic`, in memory unless a file is given. */
export async function openEngine(options: HarnessOptions = {}): Promise<Harness> {
  const { file, callHttp, systemKey, ...rest } = options;
  const journal = new Journal(file ?? ':memory:');
  const parts = harnessParts(rest);
  const engine = createDurableEngine({
    ...parts.engine,
    ...(callHttp === undefined ? undefined : { callHttp }),
    journal,
  });
  engine.start();
  return { ...(await harnessOf(engine, parts, systemKey, () => journal.close())), journal };
}

/** Starts an engine of the mode `azure` on a hub in memory, or on the given one. */
export async function openAzureEngine(options: AzureHarnessOptions = {}): Promise<AzureHarness> {
  const { hub: given, hostId, endsAt, provider, callHttp, systemKey, startsLater, ...rest } = options;
  const hub = given ?? new SharedFile(':memory:');
  const parts = harnessParts(rest);
  const engine = createAzureEngine({
    ...parts.engine,
    ...(callHttp === undefined ? undefined : { callHttp }),
    ...(hostId === undefined ? undefined : { hostId }),
    ...(endsAt === undefined ? undefined : { endsAt }),
    ...(provider === undefined ? undefined : { provider }),
    file: hub,
  });
  const closeHub = async (): Promise<void> => {
    if (given === undefined) await hub.close();
  };
  if (startsLater !== true) engine.start();
  return { ...(await harnessOf(engine, parts, systemKey, closeHub)), hub };
}

let storage: StorageMode = 'atomic';

/** On which storage `openHub` opens from now on. */
export function useStorage(mode: StorageMode): void {
  storage = mode;
}

/** Starts an engine on the storage that the suite runs on, in memory unless a file is given. */
export async function openHub(options: HarnessOptions = {}): Promise<HubHarness> {
  if (storage === 'atomic') return openEngine(options);
  const { file, ...rest } = options;
  const hub = new SharedFile(file ?? ':memory:');
  const harness = await openAzureEngine({ ...rest, hub });
  const close = async (): Promise<void> => {
    await harness.close();
    await hub.close();
  };
  return { ...harness, close };
}

type Parts = ReturnType<typeof harnessParts>;

function harnessParts(options: Omit<HarnessOptions, 'file' | 'callHttp' | 'systemKey'>) {
  const { clock: given, activities, ...limits } = options;
  const clock = given ?? new ManualClock();
  const invocations: Invocation[] = [];
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const log = { info: () => undefined, warn, error: warn };
  const functions = watched(invocations, activities ?? {});
  return {
    ...{ clock, invocations, warnings },
    engine: { ...limits, clock, functions, log, hubName: HUB, drainMs: 200 },
  };
}

async function harnessOf<Engine extends DurableHub>(
  engine: Engine,
  { clock, invocations, warnings }: Parts,
  systemKey: string | undefined,
  closeStorage: () => Promise<void>,
): Promise<HubHarness<Engine>> {
  const server = serve(engine, systemKey);
  const origin = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'management API', '--port')}`;
  const callPath = caller(origin);
  const call: Call = (method, where, ...rest) => callPath(method, `${MANAGEMENT_PATH}${where}`, ...rest);
  const close = async (): Promise<void> => {
    if (!open.delete(harness)) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await engine.close();
    await closeStorage();
  };
  const harness: HubHarness<Engine> = {
    ...{ clock, engine, invocations, warnings, origin, call, callPath, close },
    async start(name, input, id) {
      const where = id === undefined ? '' : `/${id}`;
      const body = input === undefined ? '' : JSON.stringify(input);
      const answer = await call('POST', `/orchestrators/${name}${where}`, body, JSON_BODY);
      if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
      return (answer.body as { id: string }).id;
    },
    raise: (id, event, data) =>
      call('POST', `/instances/${id}/raiseEvent/${event}`, JSON.stringify(data), JSON_BODY),
    async settled(id) {
      await engine.idle();
      const answer = await call('GET', `/instances/${id}?showHistory=true&showHistoryOutput=true`);
      return answer.body as StatusBody;
    },
  };
  open.add(harness);
  return harness;
}

function watched(
  invocations: Invocation[],
  activities: NonNullable<HarnessOptions['activities']>,
): DurableFunctionInvoker {
  return {
    kindOf: (name) => registeredFunctions.kindOf(name),
    entities: () => registeredFunctions.entities(),
    async invoke(name, triggerData, metadata) {
      const kind = registeredFunctions.kindOf(name) ?? 'activity';
      const instanceId = String(metadata['instanceId']);
      const invocation: Invocation = { name, kind, instanceId, triggerData };
      invocations.push(invocation);
      try {
        const standIn = activities[name];
        invocation.returned =
          standIn === undefined
            ? await registeredFunctions.invoke(name, triggerData, metadata)
            : await standIn(triggerData);
        return invocation.returned;
      } catch (error) {
        invocation.thrown = error;
        throw error;
      }
    },
  };
}

/** A promise and its resolver: how a test decides when an activity ends. */
export function gate<T>(): { readonly opened: Promise<T>; open: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const opened = new Promise<T>((settle) => (resolve = settle));
  return { opened, open: (value) => resolve(value) };
}

/** How long `until` looks, in wall time, before the test fails. */
const PATIENCE_MS = 60_000;

/** Waits until the condition holds; every turn of the event loop looks again. */
export async function until(condition: () => boolean): Promise<void> {
  const givenUpMs = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > givenUpMs)
      throw new Error(`Still not so after ${PATIENCE_MS} ms: ${condition.toString()}`);
    await new Promise(setImmediate);
  }
}

/** A call of the activity `held`, which ends when the test says so. */
export interface HeldCall {
  readonly input: string | undefined;
  readonly end: (value: unknown) => void;
}

/** An engine on which the activity `held` is in the test's hands. */
export async function openWithHeld(options: HarnessOptions = {}): Promise<HubHarness & { held: HeldCall[] }> {
  const held: HeldCall[] = [];
  const hold = (input: string | undefined): Promise<unknown> => {
    const { opened, open: end } = gate<unknown>();
    held.push({ input, end });
    return opened;
  };
  return { ...(await openHub({ ...options, activities: { held: hold } })), held };
}

/** How many events of this type stand in the history. */
export const countEvents = ({ historyEvents = [] }: StatusBody, type: string): number =>
  historyEvents.filter((event) => event['EventType'] === type).length;
