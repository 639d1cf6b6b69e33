// Encoder of finite server-sent events: one complete answer after which the reader asks again by itself, with the last id
// that it has seen. Needs no streaming of the host.
export const EVENT_STREAM = 'text/event-stream';

/** How soon a browser asks again: at once, or a while later when the store was away. */
const RETRY_MS = 100;
const RETRY_AWAY_MS = 2_000;

export interface SentEvent {
  /** What `Last-Event-ID` will be; left out, that of the event before stays. */
  readonly id?: string;
  /** A reader is told of it; without it only the id moves on. */
  readonly data?: unknown;
}

/** The body; `isAway`: nothing could be read, and the reader shall ask again a little later. */
export function eventStream(events: readonly SentEvent[], isAway = false): string {
  const blocks = events.map(({ id, data }) =>
    [
      ...(id === undefined ? [] : [`id: ${id}`]),
      // JSON.stringify writes line breaks as escapes: one line.
      ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
    ].join('\n'),
  );
  return [`retry: ${isAway ? RETRY_AWAY_MS : RETRY_MS}`, ...blocks, ''].join('\n\n');
}
