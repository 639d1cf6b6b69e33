// Log lines as one JSON object each, through the log of the current invocation where there is one.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, LogFields } from '../ports/log';

/** The part of an invocation context that takes log lines. */
export interface LogSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

const current = new AsyncLocalStorage<LogSink>();

/** Runs `work` with its log lines going to `sink`, which ties them to the invocation in Azure's log. */
export function withLogSink<T>(sink: LogSink, work: () => T): T {
  return current.run(sink, work);
}

/** A log that writes to the sink of the current invocation; lines from outside one are dropped. */
export function createInvocationLog(): Log {
  const write =
    (level: keyof LogSink) =>
    (event: string, fields: LogFields): void =>
      current.getStore()?.[level](JSON.stringify({ event, ...fields }));
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
