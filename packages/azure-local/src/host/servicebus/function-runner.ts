// Runs a function with received messages and settles what it left unsettled, as the platform does: completed when it
// ends well and the trigger has autoComplete; abandoned when it fails, also when it settles by hand; otherwise left
// locked until the lock expires.
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { Clock } from '../../kit/clock';
import type { Invoke } from '../invocation';
import type { HostLogger } from '../../kit/log';
import { HeldMessage, type HeldMessages } from './held-messages';
import { keepLocked } from './lock-renewal';
import type { ServiceBusFunction } from './service-bus-bindings';
import type { SettlementGate } from './settlement-gate';
import { toTriggerEvent } from './trigger-event';

export const CATEGORY = 'Host.Triggers.ServiceBus';

export interface RunnerServices {
  readonly invoke: Invoke;
  readonly held: HeldMessages;
  readonly clock: Clock;
  readonly log: HostLogger;
  /** 0: locks are not renewed. */
  readonly maxLockRenewalMs: number;
}

export interface FunctionRunner {
  /** Never rejects. */
  run(messages: readonly ServiceBusReceivedMessage[]): Promise<void>;
  /** Gives a message back that was not handled. Never rejects. */
  giveBack(message: ServiceBusReceivedMessage): Promise<void>;
}

export function createFunctionRunner(
  target: ServiceBusFunction,
  receiver: ServiceBusReceiver,
  gate: SettlementGate,
  services: RunnerServices,
): FunctionRunner {
  const { held, log } = services;
  const hold = (message: ServiceBusReceivedMessage): HeldMessage => new HeldMessage(message, receiver, gate);
  const tell = (action: string, { message }: HeldMessage, error: unknown): void =>
    log.write(
      'warning',
      CATEGORY,
      `Message ${String(message.messageId)} of ${target.entity.label} could not be ${action} for function ${target.fn.name}. ` +
        'When its lock ends the broker delivers it again.',
      error,
    );
  return {
    async run(messages) {
      const taken = messages.map(hold);
      for (const each of taken) held.messages.set(each.message.lockToken ?? '', each);
      const stops =
        services.maxLockRenewalMs === 0 ? [] : taken.map((each) => renewing(each, services, tell));
      const hasSucceeded = await invoke(target, messages, services);
      for (const stop of stops) stop();
      for (const each of taken) held.messages.delete(each.message.lockToken ?? '');
      if (hasSucceeded && !target.isAutoComplete) return;
      await Promise.all(
        taken.map(async (each) => {
          if (await each.isSettled()) return;
          const [action, settled] = hasSucceeded
            ? ['completed', each.complete()]
            : ['given back', each.abandon()];
          await settled.catch((error: unknown) => tell(action, each, error));
        }),
      );
    },
    async giveBack(message) {
      const each = hold(message);
      await each.abandon().catch((error: unknown) => tell('given back', each, error));
    },
  };
}

async function invoke(
  target: ServiceBusFunction,
  messages: readonly ServiceBusReceivedMessage[],
  { invoke: call, log }: RunnerServices,
): Promise<boolean> {
  let event;
  try {
    event = toTriggerEvent(target, messages);
  } catch (error) {
    log.write('error', `Function.${target.fn.name}`, 'The function was not called.', error);
    return false;
  }
  return call(target.fn, event).then(
    () => true,
    // In the log already.
    () => false,
  );
}

function renewing(
  held: HeldMessage,
  { clock, maxLockRenewalMs }: RunnerServices,
  tell: (action: string, held: HeldMessage, error: unknown) => void,
): () => void {
  const stop = keepLocked(
    held.message,
    async () => {
      if (await held.isSettled()) stop();
      else await held.renewLock();
    },
    clock,
    maxLockRenewalMs,
    (error) => tell('kept under lock', held, error),
  );
  return stop;
}
