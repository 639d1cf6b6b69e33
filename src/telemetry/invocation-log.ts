// Logger that writes each line as one JSON object through the log of an invocation, which ties the line to the invocation. A
// field with the name of a personal one is redacted, whoever writes it.
import { redacted } from '../domain/redaction';
import { traceIdIn, type Log, type LogFields } from '../ports/log';

/** The part of an invocation context that takes log lines. */
export interface LogSink {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  /** As the platform has it: that of the request, where there was one. */
  readonly traceContext?: { readonly traceParent?: string | undefined } | undefined;
}

/** The log of one invocation. A line that names no trace of an order has that of the invocation. */
export function invocationLog(sink: LogSink): Log {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields): void => {
      const { traceId = traceIdIn(sink.traceContext?.traceParent), ...others } = fields;
      sink[level](JSON.stringify(redacted({ event, ...others, traceId })));
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}
