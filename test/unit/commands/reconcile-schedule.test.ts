// When an order that does not change is looked at again.
import fc from 'fast-check';
import { isDue } from '../../../src/commands/reconcile-schedule';

const schedule = { firstMs: 30_000, longestStepMs: 120_000 };

/** The ages, in seconds, at which an order is looked at by runs every second. */
function looksOf(untilS: number, by = schedule): number[] {
  const seconds = Array.from({ length: untilS }, (_, index) => index + 1);
  return seconds.filter((age) => isDue(by, 0, { seenMs: (age - 1) * 1_000, nowMs: age * 1_000 }));
}

describe('the schedule of looks', () => {
  test('doubles the age from look to look, up to the longest step', () => {
    expect(looksOf(800)).toEqual([30, 60, 120, 240, 360, 480, 600, 720]);
  });

  test('has no longest step where there is none', () => {
    expect(looksOf(500, { firstMs: 30_000, longestStepMs: Infinity })).toEqual([30, 60, 120, 240, 480]);
  });

  test('makes no look twice and none less, however runs divide the time', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 200 }),
        (cuts, firstS) => {
          const by = { firstMs: firstS * 1_000, longestStepMs: 120_000 };
          const looks = looksOf(4_000, by);
          const runs = [0, ...cuts.sort((a, b) => a - b)];
          for (let run = 1; run < runs.length; run += 1) {
            const [seen = 0, now = 0] = [runs[run - 1], runs[run]];
            const between = looks.some((age) => age > seen && age <= now);
            expect(isDue(by, 0, { seenMs: seen * 1_000, nowMs: now * 1_000 })).toBe(between);
          }
        },
      ),
    );
  });

  test('lets no look be further away than the longest step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 30_000, max: 10 ** 10 }), (ageMs) => {
        expect(isDue(schedule, 0, { seenMs: ageMs, nowMs: ageMs + 120_000 })).toBe(true);
      }),
    );
  });
});
