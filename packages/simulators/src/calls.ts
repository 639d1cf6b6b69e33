// Handler of calls to a simulated service: the service acts, or a fault of the plan is applied. It knows no HTTP.
//
// simulator-calls.L1  An answer is given only when everything it saw or did is on disk, so it holds after a SIGKILL.
// simulator-calls.L2  A call that a fault holds back decides anew when it goes on: it meets what happened in the
//   meantime.
// simulator-calls.L3  Calls under one key act one after the other (S26): each decides and acts in one synchronous
//   stretch, and while one is at work (`inProgress`) the others are answered 409 KEY_IN_PROGRESS. Look-ups wait for
//   none and show what was done.
import type { Clock } from 'azure-local/kit/clock';
import type { Journal } from 'azure-local/storage/journal';
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

/** The answer that draft-ietf-httpapi-idempotency-key-header gives to a request while the first is being processed. */
const KEY_IN_PROGRESS = refused(
  409,
  'KEY_IN_PROGRESS',
  'Another call under this key is at work; nothing was done. Come again.',
);

const DEFAULT_DELAY_MS = 1000;

interface CallParts {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Ends the waiting of calls that a fault holds back: they are withheld and never act. */
  readonly lifetime: AbortSignal;
}

/** How calls act: at once, or after a delay (simulator-calls.L2, simulator-calls.L3). */
interface Acting {
  readonly decide: (call: IncomingCall) => Decision;
  readonly store: (...changes: readonly (Change | undefined)[]) => Promise<void>;
  readonly carryOut: (decision: Decision, spend?: Change) => Promise<Reply>;
  /** `holdsKey`: whether calls to act under its key are sent away meanwhile. */
  readonly carryOutAfter: (
    delayMs: number,
    call: IncomingCall,
    spend: Change | undefined,
    holdsKey: boolean,
  ) => Promise<Reply>;
}

function createActing({ journal, clock, lifetime }: CallParts): Acting {
  /** The keys under which a call is at work. In memory: a call that a kill cuts off has not acted and never will. */
  const atWork = new Set<string>();

  const decide = (call: IncomingCall): Decision =>
    call.operation.name !== 'lookUp' && atWork.has(placeOf(call))
      ? { answer: KEY_IN_PROGRESS }
      : call.operation.decide(call);

  const store: Acting['store'] = (...changes) =>
    changes.every((change) => change === undefined)
      ? journal.settled()
      : journal.write(() => changes.forEach((change) => change?.()));

  async function carryOut({ answer, effect }: Decision, spend?: Change): Promise<Reply> {
    await store(spend, effect);
    return { kind: 'answer', answer };
  }

  return {
    decide,
    store,
    carryOut,
    async carryOutAfter(delayMs, call, spend, holdsKey) {
      if (holdsKey) atWork.add(placeOf(call));
      let elapsed = false;
      try {
        await store(spend);
        elapsed = await elapse(clock, delayMs, lifetime);
      } finally {
        if (holdsKey) atWork.delete(placeOf(call));
      }
      return elapsed ? carryOut(decide(call)) : WITHHELD;
    },
  };
}

/** Handles calls until `lifetime` is aborted; calls held back by `slow` are then withheld and never act. */
export function createCallHandler(
  parts: CallParts & { readonly faults: Faults },
): (call: IncomingCall) => Promise<Reply> {
  const { faults } = parts;
  const { decide, store, carryOut, carryOutAfter } = createActing(parts);

  async function suffer(
    { fault, delayMs = DEFAULT_DELAY_MS }: FaultRule,
    call: IncomingCall,
    decision: Decision,
    spend: Change | undefined,
  ): Promise<Reply> {
    switch (fault) {
      case 'refuse':
        return carryOut(call.operation.refuse?.(call) ?? decision, spend);
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
        return carryOutAfter(delayMs, call, spend, false);
      case 'inProgress':
        return carryOutAfter(delayMs, call, spend, decision.effect !== undefined);
    }
  }

  return (call) => {
    const decision = decide(call);
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

const placeOf = ({ service, key }: IncomingCall): string => `${service} ${key}`;

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
