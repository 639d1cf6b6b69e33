// Receiver of a queue or subscription without sessions for one function. The SDK's streaming receiver reconnects by
// itself, for as long as it takes.
import type {
  MessageHandlers,
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from '@azure/service-bus';
import type { Clock } from '../../kit/clock';
import type { HostListener } from '../trigger-kind';
import { createBatchDispatcher, createSingleDispatcher, type Dispatcher } from './dispatcher';
import { createFunctionRunner, type RunnerServices } from './function-runner';
import { createOutageLog } from './outage-log';
import type { ServiceBusEntity, ServiceBusFunction } from './service-bus-bindings';
import type { ServiceBusOptions } from './service-bus-options';
import type { SettlementGate } from './settlement-gate';

/** One connection to a broker, shared by the functions that name it. */
export interface BrokerConnection {
  readonly client: ServiceBusClient;
  readonly gate: SettlementGate;
}

/** What the SDK also calls; it has it in its code, though not in its types: after the link is there, before the first message. */
interface HandlersWithStart extends MessageHandlers {
  postInitialize(): Promise<void>;
}

export function createMessageIntake(
  target: ServiceBusFunction,
  { client, gate }: BrokerConnection,
  options: ServiceBusOptions,
  services: RunnerServices,
): HostListener {
  const stopping = new AbortController();
  const outage = createOutageLog(target, services.log);
  const receiver = createReceiver(client, target.entity);
  const runner = createFunctionRunner(target, receiver, gate, {
    ...services,
    // As on the platform: a batch has the time of one lock.
    maxLockRenewalMs: target.isBatch ? 0 : services.maxLockRenewalMs,
  });
  const dispatcher: Dispatcher<ServiceBusReceivedMessage> = target.isBatch
    ? batchDispatcher(runner, options, services.clock)
    : createSingleDispatcher(options.maxConcurrentCalls, runner);
  let stop: () => Promise<void> = () => Promise.resolve();
  return {
    start() {
      const handlers: HandlersWithStart = {
        processMessage: (message) => dispatcher.add(message),
        processError: ({ error }) => {
          if (!stopping.signal.aborted) outage.failed(error);
          return Promise.resolve();
        },
        postInitialize() {
          outage.reached();
          return Promise.resolve();
        },
      };
      const subscription = receiver.subscribe(handlers, {
        autoCompleteMessages: false,
        maxConcurrentCalls:
          (target.isBatch ? options.maxMessageBatchSize : options.maxConcurrentCalls) + options.prefetchCount,
        abortSignal: stopping.signal,
      });
      stop = () => subscription.close();
      return Promise.resolve();
    },
    async close() {
      stopping.abort();
      await Promise.all([stop(), dispatcher.close()]);
      await receiver.close();
    },
  };
}

export function batchDispatcher(
  runner: Parameters<typeof createBatchDispatcher<ServiceBusReceivedMessage>>[2],
  { maxMessageBatchSize, minMessageBatchSize, maxBatchWaitMs }: ServiceBusOptions,
  clock: Clock,
): Dispatcher<ServiceBusReceivedMessage> {
  const limits = { maxSize: maxMessageBatchSize, minSize: minMessageBatchSize, maxWaitMs: maxBatchWaitMs };
  return createBatchDispatcher(limits, clock, runner);
}

function createReceiver(
  client: ServiceBusClient,
  { path, subscription }: ServiceBusEntity,
): ServiceBusReceiver {
  const options = {
    receiveMode: 'peekLock',
    // The host renews itself: see lock-renewal.ts.
    maxAutoLockRenewalDurationInMs: 0,
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  } as const;
  return subscription === undefined
    ? client.createReceiver(path, options)
    : client.createReceiver(path, subscription, options);
}
