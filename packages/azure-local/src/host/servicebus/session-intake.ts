// Receiver of a queue or subscription with sessions for one function: several sessions at a time, the messages of a
// session one after the other. A batch function has one session at a time, as on the platform.
//
// session-intake.I1  A session is let go of when it has had no message for its idle time, when the function releases it, when its lock is
//     lost, and on close; never while the function runs with a message of it.
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../kit/clock';
import type { HostListener } from '../trigger-kind';
import { createSingleDispatcher } from './dispatcher';
import { createFunctionRunner, type RunnerServices } from './function-runner';
import { batchDispatcher, type BrokerConnection } from './message-intake';
import { createOutageLog, type OutageLog } from './outage-log';
import type { ServiceBusEntity, ServiceBusFunction } from './service-bus-bindings';
import type { ServiceBusOptions } from './service-bus-options';

const RETRY_MS = 1_000;

export function createSessionIntake(
  target: ServiceBusFunction,
  connection: BrokerConnection,
  options: ServiceBusOptions,
  services: RunnerServices,
): HostListener {
  const stopping = new AbortController();
  const { signal } = stopping;
  const outage = createOutageLog(target, services.log);
  const accept = acceptor(connection.client, target.entity, options);
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      const session = await nextSession(accept, outage, signal);
      if (session !== undefined) await serve(session, target, connection, options, services, signal);
    }
  };
  const workers: Promise<void>[] = [];
  return {
    start() {
      const count = target.isBatch ? 1 : options.maxConcurrentSessions;
      // Each session has two of its own; more than ten are no leak.
      setMaxListeners(2 * count, signal);
      for (let index = 0; index < count; index += 1) workers.push(work());
      return Promise.resolve();
    },
    async close() {
      stopping.abort();
      await Promise.all(workers);
    },
  };
}

type Accept = () => Promise<ServiceBusSessionReceiver>;

function acceptor(
  client: ServiceBusClient,
  { path, subscription }: ServiceBusEntity,
  { maxAutoLockRenewalMs }: ServiceBusOptions,
): Accept {
  const options = {
    maxAutoLockRenewalDurationInMs: maxAutoLockRenewalMs,
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  };
  return () =>
    subscription === undefined
      ? client.acceptNextSession(path, options)
      : client.acceptNextSession(path, subscription, options);
}

/** Undefined when there was none to be had, and on close; a broker that is away has been waited for. */
async function nextSession(
  accept: Accept,
  outage: OutageLog,
  signal: AbortSignal,
): Promise<ServiceBusSessionReceiver | undefined> {
  try {
    const session = await orStopped(accept(), signal);
    if (session !== undefined) outage.reached();
    return session;
  } catch (error) {
    if (signal.aborted) return undefined;
    // No session has a message: the broker waited as long as it may.
    if (isTimeout(error)) {
      outage.reached();
      return undefined;
    }
    outage.failed(error);
    await wait(RETRY_MS, undefined, { signal }).catch(() => undefined);
    return undefined;
  }
}

/** The SDK does not stop waiting for a session: a session that comes too late is let go of. */
function orStopped(
  accepted: Promise<ServiceBusSessionReceiver>,
  signal: AbortSignal,
): Promise<ServiceBusSessionReceiver | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve(undefined);
      accepted.then((late) => late.close()).catch(() => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    accepted.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject);
  });
}

function isTimeout(error: unknown): boolean {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  return code === 'ServiceTimeout' || name === 'OperationTimeoutError' || code === 'OperationTimeoutError';
}

async function serve(
  session: ServiceBusSessionReceiver,
  target: ServiceBusFunction,
  { gate }: BrokerConnection,
  options: ServiceBusOptions,
  services: RunnerServices,
  signal: AbortSignal,
): Promise<void> {
  // The SDK renews the lock of the session; its messages have none of their own.
  const runner = createFunctionRunner(target, session, gate, { ...services, maxLockRenewalMs: 0 });
  const end = createSessionEnd(services.clock, options.sessionIdleTimeoutMs, signal);
  const { sessions } = services.held;
  const held = { receiver: session, release: () => end.release() };
  const tracked = {
    // What comes while the session is let go of. Its end gives it back too, and may come first.
    giveBack: (message: ServiceBusReceivedMessage) => session.abandonMessage(message).catch(() => undefined),
    async run(messages: readonly ServiceBusReceivedMessage[]) {
      end.busy();
      sessions.set(session.sessionId, held);
      await runner.run(messages);
      if (sessions.get(session.sessionId) === held) sessions.delete(session.sessionId);
      end.idle();
    },
  };
  const dispatcher = target.isBatch
    ? batchDispatcher(tracked, options, services.clock)
    : createSingleDispatcher(1, tracked);
  let stop = (): Promise<void> => Promise.resolve();
  try {
    const subscription = session.subscribe(
      {
        processMessage: (message) => dispatcher.add(message),
        processError() {
          end.release();
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: target.isBatch ? options.maxMessageBatchSize : 1 },
    );
    stop = () => subscription.close();
    end.idle();
  } catch {
    // It was lost between its coming and now: the next one is asked for.
    end.release();
  }
  await end.reached;
  // A session that is lost has nothing to stop or to close any more.
  await Promise.all([stop().catch(() => undefined), dispatcher.close()]);
  await session.close().catch(() => undefined);
}

interface SessionEnd {
  readonly reached: Promise<void>;
  busy(): void;
  idle(): void;
  release(): void;
}

/** When a session is to be let go of (session-intake.I1). */
function createSessionEnd(clock: Clock, idleTimeoutMs: number, signal: AbortSignal): SessionEnd {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let alarm: { cancel(): void } | undefined;
  const release = (): void => {
    alarm?.cancel();
    signal.removeEventListener('abort', release);
    reach();
  };
  signal.addEventListener('abort', release);
  if (signal.aborted) release();
  return {
    reached,
    busy: () => alarm?.cancel(),
    idle: () => (alarm = clock.alarm(clock.now() + idleTimeoutMs, release)),
    release,
  };
}
