// Reads what the platform hands over as the answer of an activity. It may be the answer of another call (S22).
import type { StepOutput } from './definition';

/**
 * The answer in `result` to the call with `key`, with only the events after `version`; or undefined when it is not one: no
 * answer at all, the answer to another key, or one whose events leave a gap after `version`.
 */
export function answerOf<E extends { readonly sequence: number }>(
  result: unknown,
  key: string,
  version: number,
): StepOutput<E> | undefined {
  if (!isAnswer<E>(result) || result.key !== key) return undefined;
  const events = result.events.filter(({ sequence }) => sequence > version);
  const reached = version + events.length;
  const follows = events.every(({ sequence }, index) => sequence === version + index + 1);
  return follows && result.version <= reached ? { ...result, events } : undefined;
}

function isAnswer<E>(result: unknown): result is StepOutput<E> {
  if (typeof result !== 'object' || result === null) return false;
  const { key, outcome, recorded, events, etag, version } = result as Partial<
    Record<keyof StepOutput<E>, unknown>
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
