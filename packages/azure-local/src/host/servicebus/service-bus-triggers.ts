// Trigger `serviceBusTrigger` and output `serviceBus` of the function host. This file is read at every start and stays
// light: what it needs to receive and to send is loaded when an app has such a binding.
import type { Clock } from '../../kit/clock';
import type { TypedData } from '../core-types';
import type { JsonObject } from '../host-json';
import type { HostLogger } from '../../kit/log';
import type { OutputKind } from '../output-kind';
import type { HostedFunction } from '../hosted-function';
import type { Environment } from '../settings';
import type { TriggerKind, TriggerListener } from '../trigger-kind';
import { toMessageBodies } from './output-bodies';
import type { OutputSender } from './output-sender';
import { readOutput, readTrigger } from './service-bus-bindings';
import { readServiceBusOptions } from './service-bus-options';
import type * as runtimeModule from './service-bus-runtime';
import type { RuntimeDependencies } from './service-bus-runtime';

export interface ServiceBusDependencies {
  /** The app settings, for the connections. */
  readonly environment: Environment;
  /** `extensions.serviceBus` of host.json; empty for the defaults. */
  readonly section: JsonObject;
  readonly clock: Clock;
  readonly log: HostLogger;
}

/** To be given to the function host under these names. */
export interface ServiceBusKinds {
  readonly triggers: readonly TriggerKind[];
  readonly outputs: readonly OutputKind[];
}

const loadRuntime = (): Promise<typeof runtimeModule> => import('./service-bus-runtime');

/** Connects to nothing until the host starts its listeners; a broker that is away then does not fail the start. */
export function serviceBusTriggers(dependencies: ServiceBusDependencies): ServiceBusKinds {
  return {
    triggers: [
      {
        type: 'serviceBusTrigger',
        prepare() {
          const isConnected = Object.values(dependencies.environment).some((value) =>
            value?.startsWith('Endpoint=sb:'),
          );
          if (isConnected) loadRuntime().catch(() => undefined);
        },
        listen: (functions, invoke, worker) => listen(functions, { invoke, worker }, dependencies),
      },
    ],
    outputs: [createOutputKind(dependencies.environment)],
  };
}

function listen(
  functions: readonly HostedFunction[],
  app: Pick<RuntimeDependencies, 'invoke' | 'worker'>,
  { environment, section, clock, log }: ServiceBusDependencies,
): TriggerListener {
  const options = readServiceBusOptions(section, (message) => log.write('warning', 'Host.Startup', message));
  const targets = functions.map((fn) => readTrigger(fn, options, environment));
  const dependencies: RuntimeDependencies = { ...app, options, clock, log };
  let runtime: TriggerListener | undefined;
  return {
    async start() {
      const { createServiceBusRuntime } = await loadRuntime();
      runtime = createServiceBusRuntime(targets, dependencies);
      await runtime.start();
    },
    async close() {
      await runtime?.close();
    },
  };
}

function createOutputKind(environment: Environment): OutputKind {
  let sender: Promise<OutputSender> | undefined;
  const loadSender = (): Promise<OutputSender> =>
    (sender ??= import('./output-sender').then(({ createOutputSender }) => createOutputSender()));
  return {
    type: 'serviceBus',
    bind(functionName, binding) {
      const entity = readOutput(functionName, binding, environment);
      return async (data: TypedData) => {
        const bodies = toMessageBodies(data);
        if (bodies.length > 0) await (await loadSender()).send(entity, bodies);
      };
    },
    async close() {
      await (await sender)?.close();
    },
  };
}
