// Registry of the messages and sessions that functions are working on, by lock token and session id; the settlement
// server looks them up.
//
// held-messages.H1  A token is known from before its function is called until after it has ended, as on the platform.
// held-messages.H2  A message is settled at most once, and never while a settlement of it is under way.
import type {
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import type { SettlementGate } from './settlement-gate';

export type Properties = Readonly<Record<string, string | number | boolean | Date | null>>;

export interface DeadLetterReason {
  readonly reason: string | undefined;
  readonly description: string | undefined;
  readonly properties: Properties | undefined;
}

/** A message under lock; every method rejects with the SDK's error when the lock is lost or the broker is away. */
export class HeldMessage {
  private settlement: Promise<boolean> | undefined;

  constructor(
    readonly message: ServiceBusReceivedMessage,
    private readonly receiver: ServiceBusReceiver,
    private readonly gate: SettlementGate,
  ) {}

  complete(): Promise<void> {
    return this.settle(true, () => this.receiver.completeMessage(this.message));
  }

  abandon(properties?: Properties): Promise<void> {
    return this.settle(false, () => this.receiver.abandonMessage(this.message, properties));
  }

  defer(properties?: Properties): Promise<void> {
    return this.settle(false, () => this.receiver.deferMessage(this.message, properties));
  }

  deadLetter({ reason, description, properties }: DeadLetterReason): Promise<void> {
    const options = {
      ...properties,
      deadLetterReason: reason ?? '',
      deadLetterErrorDescription: description ?? '',
    };
    return this.settle(false, () => this.receiver.deadLetterMessage(this.message, options));
  }

  async renewLock(): Promise<void> {
    await this.receiver.renewMessageLock(this.message);
  }

  /** Whether it has been settled, once nothing is under way any more. */
  async isSettled(): Promise<boolean> {
    return (await this.settlement) ?? false;
  }

  private async settle(isCompletion: boolean, settle: () => Promise<void>): Promise<void> {
    if (this.settlement !== undefined) throw new Error('The message is already settled, or about to be.');
    const settled = this.gate.pass(isCompletion, settle);
    this.settlement = settled.then(
      () => true,
      () => {
        // It failed: the message is still under lock, or its lock is lost. Another try may say which.
        this.settlement = undefined;
        return false;
      },
    );
    return settled;
  }
}

export interface HeldSession {
  readonly receiver: ServiceBusSessionReceiver;
  /** Lets go of the session once the function that runs has ended. */
  release(): void;
}

export interface HeldMessages {
  readonly messages: Map<string, HeldMessage>;
  readonly sessions: Map<string, HeldSession>;
}

export function createHeldMessages(): HeldMessages {
  return { messages: new Map(), sessions: new Map() };
}
