// Takes a call to a simulated service: lets it act, or lets the fault plan have its way. Knows no HTTP.
//
// L1  An answer is given only when everything it saw or did is on disk, so it holds after a SIGKILL.
// L2  A call that a fault holds back decides anew when it goes on: it meets what happened in the meantime.
import type { Clock } from '../clock';
import type { Journal } from '../storage/journal';
import type { FaultRule } from './fault-rules';
import type { Faults } from './faults';
import { refused, type Answer, type Decision, type Operation, type ServiceName } from './operation';

export interface IncomingCall {
  readonly service: ServiceName;
  readonly operation: Operation;
  readonly key: string;
  readonly body: unknown;
  readonly orderId: string | undefined;
  readonly customerId: string | undefined;
}

/** How a call ends: `withheld` keeps the caller waiting for ever, `lost` drops its connection. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'lost' };

/** A part of what one journal write changes. */
type Change = () => void;

const WITHHELD: Reply = { kind: 'withheld' };
const LOST: Reply = { kind: 'lost' };
const BROKEN = refused(500, 'SIMULATED_ERROR', 'The fault plan makes this call fail; nothing was done.');
const DOWN = {
  ...refused(503, 'SIMULATED_OUTAGE', 'The fault plan takes this service down; nothing was done.'),
  headers: { 'retry-after': '1' },
};

const DEFAULT_DELAY_MS = 1000;

/** Handles calls until `lifetime` is aborted; calls held back by `slow` are then withheld and never act. */
export function createCallHandler(parts: {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly lifetime: AbortSignal;
}): (call: IncomingCall) => Promise<Reply> {
  const { journal, clock, faults, lifetime } = parts;

  const store = (...changes: readonly (Change | undefined)[]): Promise<void> =>
    changes.every((change) => change === undefined)
      ? journal.settled()
      : journal.write(() => changes.forEach((change) => change?.()));

  async function carryOut({ answer, effect }: Decision, spend?: Change): Promise<Reply> {
    await store(spend, effect);
    return { kind: 'answer', answer };
  }

  async function suffer(
    { fault, delayMs = DEFAULT_DELAY_MS }: FaultRule,
    call: IncomingCall,
    decision: Decision,
    spend: Change | undefined,
  ): Promise<Reply> {
    switch (fault) {
      case 'refuse':
        return carryOut({ answer: call.operation.refusal ?? decision.answer }, spend);
      case 'error':
        return carryOut({ answer: BROKEN }, spend);
      case 'down':
        return carryOut({ answer: DOWN }, spend);
      case 'hang':
        await store(spend);
        return WITHHELD;
      case 'loseAnswer':
        await store(spend, decision.effect);
        return LOST;
      case 'holdAnswer':
        await store(spend, decision.effect);
        return WITHHELD;
      case 'slow':
        await store(spend);
        return (await elapse(clock, delayMs, lifetime)) ? carryOut(call.operation.decide(call)) : WITHHELD;
    }
  }

  return (call) => {
    const decision = call.operation.decide(call);
    const { rule, spend } = faults.strike({
      service: call.service,
      operation: call.operation.name,
      orderId: call.orderId,
      customerId: call.customerId,
      acts: decision.effect !== undefined,
    });
    return rule === undefined ? carryOut(decision, spend) : suffer(rule, call, decision, spend);
  };
}

/** Resolves with true when `delayMs` have passed by the clock, with false when `lifetime` ended first. */
export function elapse(clock: Clock, delayMs: number, lifetime: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      alarm.cancel();
      resolve(false);
    };
    const alarm = clock.alarm(clock.now() + delayMs, () => {
      lifetime.removeEventListener('abort', onAbort);
      resolve(true);
    });
    if (lifetime.aborted) onAbort();
    else lifetime.addEventListener('abort', onAbort, { once: true });
  });
}
