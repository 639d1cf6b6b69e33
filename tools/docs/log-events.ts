// Generator of docs/log-events.md: the catalogue of log events, with level, meaning and fields.
import type { DescribedEvent } from '../../src/ports/described-event';
import { LOG_EVENTS } from '../../src/ports/log-events';
import { markdownTable } from './tables';

/** The whole page. */
export function logEventsPage(): string {
  return [
    '# Log events',
    'Every line that the app writes is one JSON object: `event` is one of the names below, the other fields can be searched for. Written by `npm run docs` from [`log-events.ts`](../src/ports/log-events.ts); a name that is not there does not compile, and a test holds the fields to the source.',
    '`traceId` is the trace id of the `traceparent` that the order was placed with (the order keeps it, so it is the same after a crash and in every step), or of the invocation in lines about no order. An orchestrator writes no line: one attempt is one line, however often the platform replays it. On Azure the lines are the `Message` of `AppTraces`; [monitoring](monitoring.md) has the queries.',
    markdownTable(['Event', 'Level', 'When', 'Fields'], Object.entries(LOG_EVENTS).map(rowOf)),
  ].join('\n\n');
}

function rowOf([name, { levels, when, fields }]: [string, DescribedEvent]): readonly string[] {
  return [`\`${name}\``, levels.join(', '), when, fields.map((field) => `\`${field}\``).join(' ')];
}
