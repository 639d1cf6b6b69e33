// Module `@azure/functions-core`, which on the platform the Node worker supplies: collects what an app registers and
// keeps its hooks. It knows no trigger and runs no function.
import { HostStartError } from './errors';
import type {
  CoreLogCategory,
  CoreLogLevel,
  FunctionHandler,
  FunctionMetadata,
  ProgrammingModel,
} from './core-types';

/** The platform whose recordings this host is compared with. */
export const HOST_VERSION = '4.1037.0';
const WORKER_VERSION = '3.9.0';

const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOK_NAMES)[number];
type HookCallback = (context: object) => unknown;

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly handler: FunctionHandler;
}

/** What the app has registered so far. */
export interface AppRegistry {
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
  /** The object that `require('@azure/functions-core')` returns. */
  readonly module: object;
  programmingModel(): ProgrammingModel | undefined;
  hasHooks(name: HookName): boolean;
  /** Runs the hooks of a kind one after the other, in the order of their registration; the first error ends it. */
  runHooks(name: Exclude<HookName, 'log'>, context: object): Promise<void>;
  /** Log hooks are synchronous; they may change `context.message` and `context.level`. */
  runLogHooks(context: object): void;
  /** From here on a registration throws, as on the platform once the app has started. */
  lock(): void;
}

/** Undoes one registration; the SDK hands it to the app. */
class Disposable {
  constructor(private readonly undo: () => void) {}

  dispose(): void {
    this.undo();
  }
}

/** `log` receives what the SDK itself says outside an invocation. */
export function createAppRegistry(
  log: (level: CoreLogLevel, category: CoreLogCategory, message: string) => void,
): AppRegistry {
  const functions = new Map<string, RegisteredFunction>();
  const hooks = Object.fromEntries(HOOK_NAMES.map((name) => [name, []])) as unknown as Record<
    HookName,
    HookCallback[]
  >;
  let model: ProgrammingModel | undefined;
  let isLocked = false;

  const module = {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    Disposable,
    log,
    setProgrammingModel(programmingModel: ProgrammingModel): void {
      model = programmingModel;
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: FunctionMetadata, handler: FunctionHandler): Disposable {
      if (isLocked) throw new Error('A function can only be registered during app startup.');
      if (functions.has(metadata.name)) throw duplicate(metadata.name);
      functions.set(metadata.name, { metadata, handler });
      return new Disposable(() => functions.delete(metadata.name));
    },
    registerHook(name: string, callback: HookCallback): Disposable {
      if (!isHookName(name)) throw unknownHook(name);
      hooks[name].push(callback);
      return new Disposable(() => {
        hooks[name] = hooks[name].filter((other) => other !== callback);
      });
    },
  };

  return {
    functions,
    module,
    programmingModel: () => model,
    hasHooks: (name) => hooks[name].length > 0,
    async runHooks(name, context) {
      for (const hook of hooks[name]) await hook(context);
    },
    runLogHooks(context) {
      for (const hook of hooks.log) hook(context);
    },
    lock: () => (isLocked = true),
  };
}

function isHookName(name: string): name is HookName {
  return (HOOK_NAMES as readonly string[]).includes(name);
}

function duplicate(name: string): HostStartError {
  return new HostStartError(
    `Two functions are registered as ${name}. A name stands for one function on the platform: rename one of them.`,
  );
}

/** The SDK tells an unknown hook from another fault by these two properties. */
function unknownHook(name: string): Error {
  return Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
}
