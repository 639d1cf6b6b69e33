// Parser of activity results for the interpreter. The platform may hand over the result of another call (S22).
import type { SagaTypes, StepOutput } from './definition';

/**
 * The answer in `result` to the call with `key`, with only the events after `version`; or undefined when it is not one: no
 * answer at all, the answer to another key, or one whose events leave a gap after `version`.
 */
export function answerOf<T extends SagaTypes>(
  result: unknown,
  key: string,
  version: number,
): StepOutput<T> | undefined {
  if (!isAnswer<T>(result) || result.key !== key) return undefined;
  const events = result.events.filter(({ sequence }) => sequence > version);
  const reached = version + events.length;
  const follows = events.every(({ sequence }, index) => sequence === version + index + 1);
  return follows && result.version <= reached ? { ...result, events } : undefined;
}

function isAnswer<T extends SagaTypes>(result: unknown): result is StepOutput<T> {
  if (typeof result !== 'object' || result === null) return false;
  const { key, outcome, recorded, events, etag, version } = result as Partial<
    Record<keyof StepOutput<T>, unknown>
  >;
  return (
    typeof key === 'string' &&
    typeof outcome === 'object' &&
    outcome !== null &&
    Array.isArray(recorded) &&
    Array.isArray(events) &&
    typeof etag === 'string' &&
    typeof version === 'number'
  );
}
