// Program of a host process beside the thread of its app, which cli/host.ts has started: the function host with the durable
// engine behind it, on one database.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { wallClock, type Clock } from '../kit/clock';
import { createAzureEngine } from '../durable/azure/azure-engine';
import type { StorageProvider } from '../durable/azure/azure-options';
import { killAt } from '../durable/azure/kill-at';
import { createDurableEngine } from '../durable/engine';
import type { DurableEngineOptions } from '../durable/engine-options';
import { EpisodeHolds } from '../durable/episode-holds';
import { createHoldsApi, HOLDS_PATH } from '../durable/holds-api';
import type { DurableHub } from '../durable/hub';
import { createManagementApi } from '../durable/management';
import { durableClientBinding, MANAGEMENT_PATH } from '../durable/management-urls';
import { cosmosTrigger } from '../host/cosmos/cosmos-trigger';
import { cosmosOutput } from '../host/cosmos/cosmos-output';
import { formatBanner, formatSummary } from '../host/banner';
import { durableSettings } from '../host/durable-settings';
import { HostStartError } from '../host/errors';
import { eventGridOutput } from '../host/eventgrid/event-grid-output';
import { eventGridTrigger } from '../host/eventgrid/event-grid-trigger';
import { createFunctionHost, type FunctionHost } from '../host/function-host';
import { readHostJson, type HostJson } from '../host/host-json';
import type { FunctionHostOptions } from '../host/host-options';
import type { HostExtension } from '../host/request-handler';
import { createHostLogger, type HostLogger } from '../kit/log';
import { createSignIn } from '../host/sign-in';
import { createSignInLinks, SIGN_IN_LINK_PATH } from '../host/sign-in-link';
import { serviceBusTriggers } from '../host/servicebus/service-bus-triggers';
import type { HostKeys } from '../kit/host-keys';
import { createSingletonLeases, type SingletonLeaseOptions } from '../host/singleton-lease';
import { createSharedTimerStore, createTimerStore, type TimerStorage } from '../host/timer-store';
import type { HostListener } from '../host/trigger-kind';
import { Journal } from '../storage/journal';
import { SharedFile } from '../storage/shared-file';
import { signInKey } from '../supervisor/sign-in-key';
import { accessKeys, KEYS_FILE } from '../supervisor/access-keys';
import { runChildProgram, type RunningProgram } from '../supervisor/child-program';
import { databaseFile, hubFile, killsFile } from '../supervisor/data-folder';
import { hostName, StartError, type HostOptions, type HostUrls } from '../supervisor/processes';

const DEFAULTS: HostOptions = {
  dataDir: '.local',
  appRoot: '.',
  port: 7071,
  keys: false,
  storage: 'atomic',
  visibilityMs: 0,
  verbose: true,
  instance: 1,
  instances: 1,
  publicUrl: '',
};

/** With the thread of its app. */
type StartedHost = HostOptions & { readonly appThread: Worker };

/** Together within the time that the supervisor gives a child. */
const HTTP_DRAIN_MS = 6_000;
const ENGINE_DRAIN_MS = 3_000;

async function startHost(options: StartedHost): Promise<RunningProgram<HostUrls>> {
  const dataDir = path.resolve(options.dataDir);
  const appRoot = path.resolve(options.appRoot);
  const journal = new Journal(databaseFile(dataDir, hostName(options.instance)));
  const hub = options.storage === 'azure' ? new SharedFile(hubFile(dataDir)) : undefined;
  try {
    const host = createHost({ ...options, dataDir, appRoot }, journal, hub);
    // The worker's current folder is the app's.
    process.chdir(appRoot);
    const { ownUrl } = await host.start();
    return {
      urls: { api: ownUrl },
      journal,
      async stop(ending) {
        await host.close(ending);
        await hub?.close();
        await ending.waitFor('the journal', journal.close());
      },
    };
  } catch (error) {
    throw error instanceof HostStartError ? new StartError(error.message) : error;
  }
}

function createHost(options: StartedHost, journal: Journal, hub: SharedFile | undefined): FunctionHost {
  const { dataDir, appRoot, port, keys, publicUrl, visibilityMs, verbose } = options;
  const clock = wallClock();
  const hostJson = readHostJson(appRoot);
  const log = createLog(hostJson, verbose, clock);
  const enforced = keys ? enforcedKeys(dataDir, log) : undefined;
  const { hubName, provider, ...limits } = durableSettings(hostJson.extensions['durableTask'] ?? {});
  const holds = new EpisodeHolds();
  const engine = engineOn(journal, hub, options, {
    holds,
    clock,
    hubName,
    ...limits,
    provider: { ...provider, ...visibilityOf(visibilityMs) },
    // The host that runs the functions is made with the engine's listener, so it is only named here.
    functions: {
      kindOf: (name) => host.durableInvoker.kindOf(name),
      entities: () => host.durableInvoker.entities(),
      invoke: (...call) => host.durableInvoker.invoke(...call),
    },
    log: log.category('Host.Triggers.DurableTask'),
    drainMs: ENGINE_DRAIN_MS,
  });
  const systemKey = enforced?.durable;
  const environment = process.env;
  const messaging = messagingOf(
    { environment, hostJson, clock, log, isShared: options.instances > 1 },
    enforced,
  );
  const host = createFunctionHost({
    appRoot,
    appThread: options.appThread,
    hostJson,
    environment,
    timers: timerStorage(journal, hub, options, {
      clock,
      periodMs: hostJson.singleton.listenerLockPeriodMs,
    }),
    clock,
    log,
    port,
    ...(publicUrl === '' ? {} : { publicUrl }),
    ...messaging,
    extensions: [
      ...messaging.extensions,
      {
        path: MANAGEMENT_PATH,
        handle: createManagementApi(engine, enforced === undefined ? {} : { keys: enforced }),
      },
      { path: HOLDS_PATH, handle: createHoldsApi(holds) },
      ...signInLinks(environment, dataDir, clock),
    ],
    listeners: [engineListener(engine)],
    formatFunctions: verbose ? formatBanner : formatSummary,
    ...(enforced === undefined ? {} : { enforceKeys: enforced }),
    ...(signsIn(environment) ? { signIn: createSignIn(signInKey(dataDir), clock) } : {}),
    durable: durableClients(hubName, systemKey),
    drainMs: HTTP_DRAIN_MS,
  });
  return host;
}

/** The setting that the platform makes where it signs callers in, and that apps read. */
function signsIn(environment: NodeJS.ProcessEnv): boolean {
  return environment['WEBSITE_AUTH_ENABLED']?.toLowerCase() === 'true';
}

/** Where the sign-in stands in for the platform's, it has links that are good once. */
function signInLinks(
  environment: NodeJS.ProcessEnv,
  dataDir: string,
  clock: Clock,
): readonly HostExtension[] {
  if (!signsIn(environment)) return [];
  return [
    { path: SIGN_IN_LINK_PATH, handle: createSignInLinks({ key: signInKey(dataDir), dataDir }, clock) },
  ];
}

/** Links are handed out with the public address; the app's own calls go to the internal one, open to the end. */
function durableClients(
  hubName: string,
  systemKey: string | undefined,
): FunctionHostOptions['durable'] & object {
  return {
    clientBinding: ({ url, internalUrl }) => ({
      ...durableClientBinding(url, hubName, systemKey),
      rpcBaseUrl: durableClientBinding(internalUrl, hubName, systemKey).rpcBaseUrl,
    }),
  };
}

function createLog({ logLevels: levels }: HostJson, verbose: boolean, clock: Clock): HostLogger {
  return createHostLogger({
    levels,
    atLeast: verbose ? 'trace' : 'warning',
    sink: (text) => process.stdout.write(text),
    isColoured: process.stdout.isTTY,
    now: () => clock.now(),
  });
}

/** A start flag says how long: host.json takes no time that Azure would refuse. Activities come back later, as with its times. */
const visibilityOf = (ms: number): StorageProvider =>
  ms === 0 ? {} : { controlQueueVisibilityTimeoutMs: ms, workItemQueueVisibilityTimeoutMs: 2 * ms };

/** The engine of the storage mode that was asked for; hosts that share a hub are distinguished by their name. */
function engineOn(
  journal: Journal,
  hub: SharedFile | undefined,
  { dataDir, instance }: HostOptions,
  { provider, ...options }: Omit<DurableEngineOptions, 'journal'> & { readonly provider: StorageProvider },
): DurableHub {
  if (hub === undefined) return createDurableEngine({ ...options, journal });
  const endsAt = killAt(process.env, killsFile(dataDir));
  return createAzureEngine({
    ...{ ...options, provider, file: hub, hostId: hostName(instance) },
    ...(endsAt === undefined ? {} : { endsAt }),
  });
}

function enforcedKeys(dataDir: string, log: HostLogger): HostKeys {
  log.print(`Function keys are enforced; they are in ${path.join(dataDir, KEYS_FILE)}`);
  return accessKeys(dataDir);
}

/** Hosts that share a hub have the status of the timers in it, and where they are several run each timer on one of them. */
function timerStorage(
  journal: Journal,
  hub: SharedFile | undefined,
  { instances }: HostOptions,
  times: Omit<SingletonLeaseOptions, 'owner'>,
): TimerStorage {
  if (hub === undefined) return { status: createTimerStore(journal) };
  const status = createSharedTimerStore(hub);
  if (instances === 1) return { status };
  // A restarted host is another one, as on the platform: the leases of the one before it have to expire.
  return { status, leases: createSingletonLeases(hub, { owner: randomUUID(), ...times }) };
}

type Messaging = Required<Pick<FunctionHostOptions, 'triggers' | 'outputs' | 'extensions'>>;

/** What brings events and messages to functions, and takes them away; keys are asked for where they are given. */
function messagingOf(
  parts: Pick<FunctionHostOptions, 'environment' | 'hostJson' | 'clock' | 'log'> & {
    readonly isShared: boolean;
  },
  keys: HostKeys | undefined,
): Messaging {
  const { hostJson, clock, log } = parts;
  const serviceBus = serviceBusTriggers({ ...parts, section: hostJson.extensions['serviceBus'] ?? {} });
  const eventGrid = eventGridTrigger({
    ...{ clock, log },
    ...(keys === undefined ? {} : { keys }),
  });
  return {
    triggers: [...serviceBus.triggers, cosmosTrigger(parts), eventGrid.trigger],
    outputs: [...serviceBus.outputs, eventGridOutput(parts), cosmosOutput(parts)],
    extensions: [eventGrid.extension],
  };
}

const engineListener = (engine: DurableHub): HostListener => ({
  start() {
    engine.start();
    return Promise.resolve();
  },
  close: () => engine.close(),
});

/** Runs it in this process, to its end; `appThread` waits for it. */
export const runHost = (appThread: Worker): Promise<void> =>
  runChildProgram(
    'host',
    DEFAULTS,
    (options) => startHost({ ...options, appThread }),
    ({ instance }) => hostName(instance),
  );
