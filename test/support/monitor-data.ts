// Rows of log tables and samples of metrics, as Azure Monitor would have them, for alert rules and widgets.
import { invocationLog } from '../../src/telemetry/invocation-log';
import { changesSince } from '../../src/exporters/metric-changes';
import type { LogEvent } from '../../src/ports/log-events';
import type { LogFields } from '../../src/ports/log';
import type { Meter } from '../../src/ports/meter';
import { createMetrics } from '../../src/telemetry/metrics';
import type { Observed, Sample } from './alert-rules';
import type { Row } from './kql/evaluate';

const NOTHING: Observed = { samples: [], tables: { AppTraces: [], AppRequests: [], AppMetrics: [] } };

/** The row of a line that the app logs: written by the app's own log. */
export function traceRow(atMs: number, event: string, fields: LogFields): Row {
  let message = '';
  const sink = {
    info: (line: string) => void (message = line),
    warn: () => undefined,
    error: () => undefined,
  };
  invocationLog(sink).info(event as LogEvent<'info'>, fields);
  return { TimeGenerated: new Date(atMs), Message: message, OperationName: 'Any', SeverityLevel: 1 };
}

/** The row of one execution of a function. */
export function requestRow(
  atMs: number,
  name: string,
  { success = true, durationMs = 10, code = '0' } = {},
): Row {
  return {
    TimeGenerated: new Date(atMs),
    OperationName: name,
    Success: success,
    DurationMs: durationMs,
    ResultCode: code,
  };
}

/** The rows of an export to Application Insights, once the app has counted. Of a histogram: its sum. */
export function metricRows(atMs: number, count: (meter: Meter) => void): readonly Row[] {
  const metrics = createMetrics();
  count(metrics);
  return changesSince([], metrics.read()).flatMap(({ name, points }) =>
    points.map(({ labels, value }) => ({
      ...{ TimeGenerated: new Date(atMs), Name: name, ItemCount: 1, AppRoleInstance: 'host-1' },
      Sum: typeof value === 'number' ? value : value.sum,
      Properties: { ...labels },
    })),
  );
}

export const counted = (...rows: readonly Row[]): Observed => ({
  ...NOTHING,
  tables: { ...NOTHING.tables, AppMetrics: rows },
});

export const traces = (...rows: readonly Row[]): Observed => ({
  ...NOTHING,
  tables: { ...NOTHING.tables, AppTraces: rows },
});

export const requests = (...rows: readonly Row[]): Observed => ({
  ...NOTHING,
  tables: { ...NOTHING.tables, AppRequests: rows },
});

export const samples = (...all: readonly Sample[]): Observed => ({ ...NOTHING, samples: all });
