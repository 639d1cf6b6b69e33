// Batches of messages between the threads of host and app.
import { createTurnBatch, type TurnBatch } from '../../src/host/turn-batch';

/** A batch to a list; what begins with `!` cannot be copied. */
function batchTo(): { batches: string[][]; uncopyable: string[]; batch: TurnBatch<string> } {
  const batches: string[][] = [];
  const uncopyable: string[] = [];
  const batch = createTurnBatch<string>(
    (said) => {
      if (said.some((message) => message.startsWith('!'))) throw new Error('could not be cloned');
      batches.push([...said]);
    },
    (message, error) => uncopyable.push(`${message} ${(error as Error).message}`),
  );
  return { batches, uncopyable, batch };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is said in one turn goes as one message, in its order', async () => {
  const { batches, batch } = batchTo();
  batch.say('a');
  batch.say('b');
  await Promise.resolve().then(() => batch.say('c'));
  // Another callback of the turn has begun by now, as at the next socket that was ready.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  batch.say('d');
  await turn();
  batch.say('e');
  await turn();
  expect(batches).toEqual([['a', 'b', 'c', 'd'], ['e']]);
});

test('what is said at once takes along what was said before, and nothing goes twice', async () => {
  const { batches, batch } = batchTo();
  batch.say('a');
  batch.sayAtOnce('b');
  expect(batches).toEqual([['a', 'b']]);
  await turn();
  expect(batches).toEqual([['a', 'b']]);
});

test('a message that cannot be copied is the only one that does not arrive', async () => {
  const { batches, uncopyable, batch } = batchTo();
  for (const message of ['a', '!b', 'c']) batch.say(message);
  await turn();
  expect(batches).toEqual([['a'], ['c']]);
  expect(uncopyable).toEqual(['!b could not be cloned']);
});
