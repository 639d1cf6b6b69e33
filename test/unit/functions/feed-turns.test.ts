// Tests for the turns of the readers of the change feed.
import { createFeedTurns } from '../../../src/functions/feed-turns';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A page whose work ends when it is told to. */
function page(): { work: () => Promise<string>; end: () => void; fail: () => void; hasBegun: () => boolean } {
  let begun = false;
  let resolve: (result: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const ended = new Promise<string>((onEnd, onFailure) => {
    resolve = onEnd;
    reject = onFailure;
  });
  return {
    work: () => {
      begun = true;
      return ended;
    },
    end: () => resolve('done'),
    fail: () => reject(new Error('broker away')),
    hasBegun: () => begun,
  };
}

test('a page begins at once when no other is under way, and its result is handed on', async () => {
  const only = page();
  const taken = createFeedTurns().take(only.work);
  await jest.advanceTimersByTimeAsync(0);
  expect(only.hasBegun()).toBe(true);
  only.end();
  await expect(taken).resolves.toBe('done');
});

test.each(['end', 'fail'] as const)(
  'the next page begins a while after the first has come to its %s',
  async (how) => {
    const turns = createFeedTurns();
    const [first, second] = [page(), page()];
    const taken = turns.take(first.work).catch(() => undefined);
    void turns.take(second.work);
    await jest.advanceTimersByTimeAsync(20);
    first[how]();
    await taken;
    await jest.advanceTimersByTimeAsync(20);
    expect(second.hasBegun()).toBe(false);
    await jest.advanceTimersByTimeAsync(20);
    expect(second.hasBegun()).toBe(true);
  },
);

test('a reader whose target is away is passed by', async () => {
  const turns = createFeedTurns();
  const [stuck, next] = [page(), page()];
  void turns.take(stuck.work);
  void turns.take(next.work);
  await jest.advanceTimersByTimeAsync(200);
  expect(next.hasBegun()).toBe(true);
});
