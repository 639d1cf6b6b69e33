// Logger that writes each line as one JSON object through the log of an invocation, which ties the line to the invocation. A
// field with the name of a personal one is redacted, whoever writes it.
import { redacted } from '../domain/redaction';
import type { Log, LogFields } from '../ports/log';

/** The part of an invocation context that takes log lines. */
export interface LogSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** The log of one invocation. */
export function invocationLog(sink: LogSink): Log {
  const write =
    (level: keyof LogSink) =>
    (event: string, fields: LogFields): void =>
      sink[level](JSON.stringify(redacted({ event, ...fields })));
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
