// Runtime of Service Bus in a host: connections, the settlement server and the receivers. Loaded only for an app that
// has a Service Bus trigger, since the SDK and gRPC take a while to load.
import { ServiceBusClient } from '@azure/service-bus';
import type { Clock } from '../../kit/clock';
import type { Invoke } from '../invocation';
import type { HostLogger } from '../../kit/log';
import type { HostListener } from '../trigger-kind';
import type { AppWorker } from '../app-worker';
import { createHeldMessages } from './held-messages';
import { createMessageIntake, type BrokerConnection } from './message-intake';
import type { ServiceBusFunction } from './service-bus-bindings';
import type { ServiceBusOptions } from './service-bus-options';
import { createSessionIntake } from './session-intake';
import { createSettlementGate } from './settlement-gate';
import { settlementArguments, startSettlementServer, type SettlementServer } from './settlement-server';

export interface RuntimeDependencies {
  readonly options: ServiceBusOptions;
  readonly invoke: Invoke;
  readonly worker: Pick<AppWorker, 'addArguments'>;
  readonly clock: Clock;
  readonly log: HostLogger;
}

/**
 * One try of each operation, so that no settlement leaves at another time than its own (settlement-gate.G2); receivers
 * try again anyway.
 * After a break of the connection a settlement under way is given up after the timeout.
 */
const RETRIES = {
  maxRetries: 0,
  retryDelayInMs: 500,
  maxRetryDelayInMs: 2_000,
  timeoutInMs: 10_000,
} as const;

export function createServiceBusRuntime(
  targets: readonly ServiceBusFunction[],
  { options, invoke, worker, clock, log }: RuntimeDependencies,
): HostListener {
  const held = createHeldMessages();
  const services = { invoke, held, clock, log, maxLockRenewalMs: options.maxAutoLockRenewalMs };
  const connections = new Map<string, BrokerConnection>();
  const connect = (connectionString: string): BrokerConnection => {
    const connection = connections.get(connectionString) ?? {
      client: new ServiceBusClient(connectionString, { retryOptions: { ...RETRIES } }),
      gate: createSettlementGate(),
    };
    connections.set(connectionString, connection);
    return connection;
  };
  const intakes = targets.map((target) =>
    (target.hasSessions ? createSessionIntake : createMessageIntake)(
      target,
      connect(target.entity.connectionString),
      options,
      services,
    ),
  );
  let settlements: SettlementServer | undefined;
  return {
    async start() {
      if (targets.some(({ dataType }) => dataType === 'message')) {
        settlements = await startSettlementServer(held);
        worker.addArguments(settlementArguments(settlements.port));
      }
      for (const intake of intakes) await intake.start();
    },
    async close() {
      await Promise.all(intakes.map((intake) => intake.close()));
      await Promise.all(Array.from(connections.values(), ({ client }) => client.close()));
      settlements?.close();
    },
  };
}
