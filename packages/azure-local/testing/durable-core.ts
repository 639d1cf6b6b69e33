// Fake of `@azure/functions-core`, the module that the Node worker supplies: collects what the app registers and runs
// it, so that the unmodified SDKs drive the durable engine without a function host.
import type { DurableFunctionInvoker, DurableFunctionKind } from '../src/durable/contract';

interface Binding {
  readonly type: string;
  readonly name: string;
}

interface Registration {
  readonly metadata: { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
  readonly callback: unknown;
}

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: unknown): Promise<unknown>;
}

interface ProgrammingModel {
  getInvocationModel(context: unknown): InvocationModel;
}

const TRIGGERS: Readonly<Record<string, DurableFunctionKind>> = {
  orchestrationTrigger: 'orchestrator',
  activityTrigger: 'activity',
  entityTrigger: 'entity',
};

const registrations = new Map<string, Registration>();
let model: ProgrammingModel | undefined;

class Disposable {
  dispose(): void {
    registrations.clear();
  }
}

/** The module's eight members. */
export const coreModule = {
  version: '0.0.0-test',
  hostVersion: '4.0.0-test',
  registerHook: () => new Disposable(),
  setProgrammingModel: (used: ProgrammingModel) => {
    model = used;
  },
  getProgrammingModel: () => model,
  log: () => undefined,
  registerFunction: (metadata: Registration['metadata'], callback: unknown) => {
    registrations.set(metadata.name, { metadata, callback });
    return new Disposable();
  },
  Disposable,
};

/** Runs what has been registered, by name, as the worker would. */
export const registeredFunctions: DurableFunctionInvoker = {
  kindOf: (name) => {
    const registration = registrations.get(name);
    return registration === undefined ? undefined : TRIGGERS[triggerOf(registration).type];
  },

  entities: () => [...registrations.keys()].filter((name) => registeredFunctions.kindOf(name) === 'entity'),

  async invoke(name, triggerData, metadata) {
    const registration = registrations.get(name);
    if (registration === undefined || model === undefined) throw new Error(`'${name}' is not registered.`);
    const data = triggerData === undefined ? null : { string: triggerData };
    const invocation = model.getInvocationModel({
      invocationId: name,
      metadata: registration.metadata,
      request: { inputData: [{ name: triggerOf(registration).name, data }], triggerMetadata: metadata },
    });
    const { context, inputs } = await invocation.getArguments();
    return invocation.invokeFunction(context, inputs, registration.callback);
  },
};

function triggerOf({ metadata }: Registration): Binding {
  const trigger = Object.values(metadata.bindings).find(({ type }) => type.endsWith('Trigger'));
  if (trigger === undefined) throw new Error(`'${metadata.name}' has no trigger.`);
  return trigger;
}
