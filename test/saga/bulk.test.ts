// The orchestrator of bulk operations, fed with the answers of its pages.
import type { OrchestrationContext } from 'durable-functions';
import { bulkOrchestrator } from '../../src/saga/bulk/bulk.orchestrator';
import type { BulkPageAnswer } from '../../src/domain/bulk';

const ID = 'bulk-1';
const INPUT = { order: { id: ID } };

/** Runs it to its end or to where it continues as new; what it asked for, in order. */
function run(answers: (page: number) => Partial<BulkPageAnswer> | null): string[] {
  const asked: string[] = [];
  const df = {
    getInput: () => INPUT,
    callActivity: (name: string) => ({ name }),
    createTimer: (at: Date) => ({ name: `timer ${at.toISOString()}` }),
    continueAsNew: (input: unknown) => asked.push(`continue ${input === INPUT ? 'with its input' : ''}`),
    currentUtcDateTime: new Date(0),
  };
  const course = bulkOrchestrator({ df } as unknown as OrchestrationContext);
  let pages = 0;
  let given: unknown;
  for (;;) {
    const { done, value } = course.next(given);
    if (done === true) return asked;
    const { name } = value as unknown as { name: string };
    asked.push(name);
    given = name === 'RunBulkPage' ? answers(pages++) : undefined;
  }
}

test('runs page after page until one says that it is the end', () => {
  expect(run((page) => ({ id: ID, next: page < 2 ? 'page' : 'end' }))).toEqual([
    ...['RunBulkPage', 'RunBulkPage', 'RunBulkPage'],
  ]);
});

test('continues as new after twenty pages, so that its history stays short', () => {
  const asked = run(() => ({ id: ID, next: 'page' }));
  expect(asked).toHaveLength(21);
  expect(asked.at(-1)).toBe('continue with its input');
});

test('waits before it tries a page again that met an outage', () => {
  expect(run((page) => ({ id: ID, next: page === 0 ? 'wait' : 'end' }))).toEqual([
    ...['RunBulkPage', 'timer 1970-01-01T00:00:05.000Z', 'RunBulkPage'],
  ]);
});

test('S22: an answer of another operation, or none, is no answer', () => {
  const answers = [{ id: 'bulk-2', next: 'end' }, null, { id: ID, next: 'end' }] as const;
  expect(run((page) => answers[page] ?? null)).toHaveLength(3);
});
