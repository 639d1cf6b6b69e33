import fc from 'fast-check';
import { runsOf } from '../../src/servicebus/grouped-change';
import { ReadyList } from '../../src/servicebus/ready-list';

/** A list over a disk that holds these numbers. */
function over(disk: Set<number>): ReadyList {
  const readPage = (after: number, upTo: number, limit: number): number[] =>
    [...disk]
      .filter((one) => one > after && one <= upTo)
      .sort((a, b) => a - b)
      .slice(0, limit);
  return new ReadyList(readPage, Math.max(0, ...disk));
}

test('the lowest available number is taken, over pages and abandoned messages', () => {
  const steps = fc.array(fc.constantFrom('send', 'take', 'giveBack', 'complete'), { maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1200 }), steps, (queued, actions) => {
      const available = new Set(Array.from({ length: queued }, (_, n) => n + 1));
      const disk = new Set(available);
      const list = over(disk);
      const locked: number[] = [];
      let last = queued;
      for (const action of actions) {
        if (action === 'send') {
          last += 1;
          available.add(last);
          disk.add(last);
          list.add(last);
        } else if (action === 'take') {
          const taken = list.take();
          expect(taken).toBe(available.size === 0 ? undefined : Math.min(...available));
          if (taken !== undefined) locked.push(taken);
          available.delete(taken ?? 0);
        } else {
          const one = locked.pop();
          if (one === undefined) continue;
          if (action === 'complete') disk.delete(one);
          else {
            available.add(one);
            list.add(one);
          }
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('a long queue is read page by page and stays out of memory', () => {
  const disk = new Set(Array.from({ length: 20_000 }, (_, n) => n + 1));
  const list = over(disk);
  expect(list.take()).toBe(1);
  for (let sequence = 20_001; sequence <= 30_000; sequence += 1) {
    disk.add(sequence);
    list.add(sequence);
  }
  expect(list.held).toBeLessThan(1000);
});

test('runs of neighbours hold every number once', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (sequences) => {
      const runs = runsOf(sequences);
      const numbers = runs.flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, n) => first + n),
      );
      expect(numbers).toEqual([...sequences].sort((a, b) => a - b));
      for (const [at, [first]] of runs.entries()) expect(first).not.toBe((runs[at - 1]?.[1] ?? -1) + 1);
    }),
  );
});
