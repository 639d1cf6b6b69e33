// Deadlines of invocations, on one alarm.
import { Deadlines } from '../../src/host/deadlines';
import { ManualClock } from '../../src/kit/clock';

test('each is due when its own time is over, and one that has ended is not', () => {
  const clock = new ManualClock(0);
  const deadlines = new Deadlines(clock, 100);
  const due: string[] = [];
  const begin = (name: string) => deadlines.begin(() => due.push(`${name} at ${clock.now()}`));
  begin('first');
  clock.advance(10);
  const endSecond = begin('second');
  clock.advance(10);
  begin('third');
  endSecond();
  clock.advance(1_000);
  expect(due).toEqual(['first at 100', 'third at 120']);
});

test('while something is under way there is one alarm, and none afterwards', () => {
  const clock = new ManualClock(0);
  const deadlines = new Deadlines(clock, 100);
  const ends = [1, 2, 3].map((ms) => {
    clock.advance(ms);
    return deadlines.begin(() => undefined);
  });
  expect(clock.nextDueMs()).toBe(101);
  for (const end of ends) end();
  expect(clock.nextDueMs()).toBeUndefined();
});
