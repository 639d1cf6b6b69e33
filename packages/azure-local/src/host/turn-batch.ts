// Batch of messages to another thread: what is said in one turn of the event loop, by all of its callbacks, goes as one. A
// message wakes the other thread, and is copied with what it is wrapped in; several at once cost little more than one.
//
// turn-batch.B1  Messages arrive in the order in which they were said.
// turn-batch.B2  What is said with `at once` has left this thread when the call returns, and so has what was said before: a
//   thread that ends takes the rest along.
// turn-batch.B3  A message that cannot be copied is the only one of its batch that does not arrive.

export interface TurnBatch<Message> {
  /** Goes with what else is said in this turn. */
  say(message: Message): void;
  sayAtOnce(message: Message): void;
}

/** `onUncopyable` is given the message and why it cannot go. */
export function createTurnBatch<Message>(
  post: (batch: readonly Message[]) => void,
  onUncopyable: (message: Message, error: unknown) => void,
): TurnBatch<Message> {
  let batch: Message[] = [];
  const flush = (): void => {
    const said = batch;
    batch = [];
    if (said.length === 0) return;
    try {
      post(said);
    } catch (error) {
      const [only, ...others] = said;
      if (only !== undefined && others.length === 0) onUncopyable(only, error);
      else for (const message of said) sayAtOnce(message);
    }
  };
  const sayAtOnce = (message: Message): void => {
    batch.push(message);
    flush();
  };
  return {
    say(message) {
      if (batch.push(message) === 1) setImmediate(flush);
    },
    sayAtOnce,
  };
}
