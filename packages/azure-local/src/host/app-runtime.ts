// Runtime of a loaded app: its HTTP routes, timers, other listeners and durable functions, started and stopped
// together. It opens no port.
import type { DurableClientBinding, DurableFunctionInvoker } from '../durable/contract';
import type { Ending } from '../kit/ending';
import { HOST_BODY_BYTES_AT_MOST } from '../kit/read-body';
import { createAdminApi } from './admin-api';
import type { TypedData } from './core-types';
import { createDurableInvoker } from './durable-functions';
import { DURABLE_TRIGGERS } from './durable-triggers';
import type { FunctionHostOptions, HostUrls } from './host-options';
import {
  DURABLE_CLIENT,
  hostFunctions,
  isOfType,
  type HostedFunction,
  type ServedBindings,
} from './hosted-function';
import { createHttpTriggers, routeOf } from './http-trigger';
import { createInvoke, type Invoke } from './invocation';
import { createRequestHandler, type RequestHandler } from './request-handler';
import { noSignIn } from './sign-in';
import { timerTrigger } from './timer-trigger';
import type { TriggerKind, TriggerListener } from './trigger-kind';
import { startAppThread } from './app-thread';
import { launchAppThread } from './app-thread-launch';

export interface AppRuntime {
  readonly functions: readonly HostedFunction[];
  readonly durableInvoker: DurableFunctionInvoker;
  /** By the type of their trigger, in lower case; not started yet. */
  readonly listeners: ReadonlyMap<string, TriggerListener>;
  readonly handle: RequestHandler;
  /** Runs the app's `appTerminate` hooks, and closes the outputs. */
  terminate(ending: Ending): Promise<void>;
}

/** @throws HostStartError for an app that this host cannot run. */
export async function createAppRuntime(options: FunctionHostOptions, urls: HostUrls): Promise<AppRuntime> {
  const { environment, hostJson, log, clock, durable } = options;
  const kinds = [
    timerTrigger({
      ...options,
      timeZone: environment['WEBSITE_TIME_ZONE'],
      leaseRecoveryMs: hostJson.singleton.listenerLockRecoveryPollingMs,
    }),
    ...(options.triggers ?? []),
  ];
  const { appRoot, appThread } = options;
  const thread = typeof appThread === 'string' ? launchAppThread(appThread, appRoot) : appThread;
  const starting = startAppThread(thread, appRoot, log);
  for (const kind of kinds) kind.prepare?.();
  const worker = await starting;
  const functions = hostFunctions(worker.functions, environment, servedBy(kinds, options));
  const invoke = createInvoke({
    worker,
    log,
    clock,
    functionTimeoutMs: hostJson.functionTimeoutMs,
    durableClientData: durable === undefined ? undefined : toClientData(durable.clientBinding(urls)),
  });
  const enabled = functions.filter((fn) => !fn.isDisabled);
  const byName = new Map(enabled.map((fn) => [fn.name, fn]));
  const listeners = listenersOf(kinds, enabled, (kind, ofKind) => kind.listen(ofKind, invoke, worker));
  return {
    functions,
    durableInvoker: createDurableInvoker(byName, invoke),
    listeners,
    handle: createHandler(options, urls, { functions, entryFile: worker.entryFile }, invoke, listeners),
    async terminate(ending) {
      await ending.waitFor('the appTerminate hooks of the app', worker.close());
      for (const kind of options.outputs ?? []) await ending.waitFor(`the output ${kind.type}`, kind.close());
    },
  };
}

const servedBy = (
  kinds: readonly TriggerKind[],
  { durable, outputs = [] }: FunctionHostOptions,
): ServedBindings => ({
  triggers: [
    'httpTrigger',
    ...kinds.map(({ type }) => type),
    ...(durable === undefined ? [] : DURABLE_TRIGGERS),
  ],
  inputs: durable === undefined ? [] : [DURABLE_CLIENT],
  outputs,
  retried: kinds.filter(({ takesRetryPolicy }) => takesRetryPolicy === true).map(({ type }) => type),
});

/** One listener for each kind of trigger that the app has. */
function listenersOf(
  kinds: readonly TriggerKind[],
  functions: readonly HostedFunction[],
  listen: (kind: TriggerKind, functions: readonly HostedFunction[]) => TriggerListener,
): ReadonlyMap<string, TriggerListener> {
  const listeners = new Map<string, TriggerListener>();
  for (const kind of kinds) {
    const ofKind = functions.filter((fn) => isOfType(fn.trigger, kind.type));
    if (ofKind.length > 0) listeners.set(kind.type.toLowerCase(), listen(kind, ofKind));
  }
  return listeners;
}

function createHandler(
  {
    appRoot,
    hostJson,
    log,
    enforceKeys,
    signIn = noSignIn,
    extensions = [],
    maxRequestBodyBytes: maxBodyBytes = HOST_BODY_BYTES_AT_MOST,
  }: FunctionHostOptions,
  { url }: HostUrls,
  { functions, entryFile }: { readonly functions: readonly HostedFunction[]; readonly entryFile: string },
  invoke: Invoke,
  listeners: ReadonlyMap<string, TriggerListener>,
): RequestHandler {
  const httpTriggers = createHttpTriggers({
    functions: functions.filter((fn) => !fn.isDisabled),
    routePrefix: hostJson.routePrefix,
    invoke,
    keys: enforceKeys,
    signIn,
    maxBodyBytes,
    ownHost: new URL(url).host,
    onOversize: (name, bytes) =>
      log.write(
        'error',
        `Function.${name}`,
        `A request body of ${bytes} bytes is over the limit: the platform answers 500, and so does this host.`,
      ),
  });
  const admin = createAdminApi({
    functions,
    entryFile,
    appRoot,
    hostUrl: url,
    maxBodyBytes,
    invokeUrl: (fn) => `${url}/${routeOf(fn, hostJson.routePrefix)}`,
    runNow: (fn) => {
      const listener = fn.isDisabled ? undefined : listeners.get(fn.trigger.type.toLowerCase());
      return listener?.runNow === undefined ? undefined : () => listener.runNow?.(fn.name);
    },
  });
  return createRequestHandler({ extensions, admin, httpTriggers, keys: enforceKeys });
}

function toClientData(binding: DurableClientBinding): TypedData {
  return { string: JSON.stringify(binding) };
}
