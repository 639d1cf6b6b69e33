// Dispatcher of received messages to calls of a function: single messages with bounded concurrency, or batches one
// after the other. It knows no broker.
//
// servicebus-dispatcher.D1  `add` resolves when its message has been handled; only then is another one asked for in its
//   place.
// servicebus-dispatcher.D2  After `close` nothing is begun; what was not begun is given back.
import type { Alarm, Clock } from '../../kit/clock';

export interface Dispatcher<Message> {
  add(message: Message): Promise<void>;
  /** Resolves when what has begun has ended. */
  close(): Promise<void>;
}

export interface DispatcherOptions<Message> {
  /** Never rejects. */
  readonly run: (messages: readonly Message[]) => Promise<void>;
  /** Never rejects. */
  readonly giveBack: (message: Message) => Promise<void>;
}

interface Entry<Message> {
  readonly message: Message;
  readonly done: (handled: Promise<void>) => void;
}

/** Runs messages one by one, at most `limit` at a time, in their order. */
export function createSingleDispatcher<Message>(
  limit: number,
  { run, giveBack }: DispatcherOptions<Message>,
): Dispatcher<Message> {
  const running = new Set<Promise<void>>();
  let waiting: Entry<Message>[] = [];
  let isClosed = false;
  const begin = (message: Message): Promise<void> => {
    const handled = run([message]).then(() => {
      running.delete(handled);
      const next = waiting.shift();
      next?.done(begin(next.message));
    });
    running.add(handled);
    return handled;
  };
  return {
    add(message) {
      if (isClosed) return giveBack(message);
      if (running.size < limit) return begin(message);
      return new Promise((done) => waiting.push({ message, done }));
    },
    async close() {
      isClosed = true;
      const unbegun = waiting;
      waiting = [];
      for (const { message, done } of unbegun) done(giveBack(message));
      await Promise.all(running);
    },
  };
}

export interface BatchLimits {
  readonly maxSize: number;
  readonly minSize: number;
  /** How long fewer than `minSize` are waited with. */
  readonly maxWaitMs: number;
}

/** For how long messages that come together are gathered, as the platform's client does. */
const GATHER_MS = 20;

/** Runs batches one after the other. */
export function createBatchDispatcher<Message>(
  limits: BatchLimits,
  clock: Clock,
  { run, giveBack }: DispatcherOptions<Message>,
): Dispatcher<Message> {
  let waiting: Entry<Message>[] = [];
  let waitsSinceMs = 0;
  let running: Promise<void> | undefined;
  let alarm: Alarm | undefined;
  let isClosed = false;

  const consider = (): void => {
    alarm?.cancel();
    if (running !== undefined || waiting.length === 0) return;
    const waitMs = waiting.length < limits.minSize ? limits.maxWaitMs : GATHER_MS;
    const dueMs = waitsSinceMs + waitMs;
    if (waiting.length >= limits.maxSize || clock.now() >= dueMs) begin();
    else alarm = clock.alarm(dueMs, begin);
  };
  const begin = (): void => {
    const batch = waiting.slice(0, limits.maxSize);
    waiting = waiting.slice(limits.maxSize);
    running = run(batch.map(({ message }) => message)).then(() => {
      running = undefined;
      waitsSinceMs = clock.now();
      consider();
    });
    for (const { done } of batch) done(running);
  };
  return {
    add(message) {
      if (isClosed) return giveBack(message);
      return new Promise((done) => {
        if (waiting.length === 0) waitsSinceMs = clock.now();
        waiting.push({ message, done });
        if (running === undefined && (alarm === undefined || mayBeDue(waiting.length, limits))) consider();
      });
    },
    async close() {
      isClosed = true;
      alarm?.cancel();
      const unbegun = waiting;
      waiting = [];
      for (const { message, done } of unbegun) done(giveBack(message));
      await running;
    },
  };
}

/** Whether one more message changes when the batch is due. */
function mayBeDue(count: number, { minSize, maxSize }: BatchLimits): boolean {
  return count === 1 || count === minSize || count >= maxSize;
}
