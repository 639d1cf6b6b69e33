// Loads the durable functions of a built app without running them: no host, no port, no connection.
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import { loadApp } from 'azure-local/host/app-loader';
import { createAppRegistry, type RegisteredFunction } from 'azure-local/host/core-module';
import { HostStartError } from 'azure-local/host/errors';

/**
 * Loads the app in `appRoot` by its package.json `main`; its settings must be in the environment.
 * @throws HostStartError when it cannot be loaded.
 */
export function loadOrchestrators(appRoot: string): DurableFunctionInvoker {
  const registry = createAppRegistry(() => undefined);
  const entryFile = loadApp(appRoot, registry.module);
  const model = registry.programmingModel();
  if (model === undefined) throw new HostStartError(`${entryFile} registered no function.`);
  const orchestrators = [...registry.functions].filter(([, fn]) => triggerOf(fn) !== undefined);
  const byName = new Map(orchestrators);
  return {
    entities: () => [],
    kindOf: (name) => (byName.has(name) ? 'orchestrator' : undefined),
    async invoke(name, triggerData) {
      const fn = byName.get(name);
      if (fn === undefined) throw new Error(`The app has no orchestrator ${name}.`);
      const invocation = model.getInvocationModel({
        invocationId: name,
        metadata: fn.metadata,
        log: () => undefined,
        request: {
          invocationId: name,
          inputData: [{ name: triggerOf(fn) ?? '', data: { string: triggerData ?? '' } }],
          triggerMetadata: undefined,
          traceContext: { traceParent: '', traceState: '', attributes: {} },
        },
      });
      const { context, inputs } = await invocation.getArguments();
      return invocation.invokeFunction(context, inputs, fn.handler);
    },
  };
}

/** The name of an orchestration trigger. */
function triggerOf({ metadata }: RegisteredFunction): string | undefined {
  const isTrigger = ([, { type }]: [string, { type: string }]): boolean =>
    type.toLowerCase() === 'orchestrationtrigger';
  return Object.entries(metadata.bindings).find(isTrigger)?.[0];
}
