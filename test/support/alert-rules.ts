// Evaluator of deployed alert rules on given data, as Azure Monitor evaluates them: rules on metrics by window,
// dimension and aggregation, rules on the log by running their query. What a rule uses beyond that is refused.
import { z } from 'zod';
import type { PlannedResource } from './infra';
import { runQuery, type Row, type Tables } from './kql/evaluate';
import { parseQuery } from './kql/parse';

export interface Sample {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly value: number;
}

export interface Observed {
  readonly samples: readonly Sample[];
  readonly tables: Tables;
}

const dimension = z.object({
  name: z.string(),
  operator: z.literal('Include'),
  values: z.array(z.string()),
});
const windowed = { windowSize: z.string(), enabled: z.literal(true), severity: z.number() };

const metricRule = z.object({
  ...windowed,
  scopes: z.tuple([z.string()]),
  criteria: z.object({
    'odata.type': z.literal('Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'),
    allOf: z.tuple([
      z.object({
        criterionType: z.literal('StaticThresholdCriterion'),
        metricNamespace: z.string(),
        metricName: z.string(),
        timeAggregation: z.enum(['Maximum', 'Total', 'Count']),
        operator: z.literal('GreaterThan'),
        threshold: z.number(),
        dimensions: z.array(dimension),
      }),
    ]),
  }),
});

const logRule = z.object({
  ...windowed,
  criteria: z.object({
    allOf: z.tuple([
      z.object({
        query: z.string(),
        timeAggregation: z.enum(['Count', 'Maximum']),
        metricMeasureColumn: z.string().optional(),
        operator: z.literal('GreaterThan'),
        threshold: z.number(),
        dimensions: z.array(dimension),
        failingPeriods: z.object({
          numberOfEvaluationPeriods: z.literal(1),
          minFailingPeriodsToAlert: z.literal(1),
        }),
      }),
    ]),
  }),
});

export const METRIC_RULE = 'Microsoft.Insights/metricAlerts';
export const LOG_RULE = 'Microsoft.Insights/scheduledQueryRules';

export const metricCriterion = ({ body }: PlannedResource) =>
  metricRule.parse(body['properties']).criteria.allOf[0];
export const logCriterion = ({ body }: PlannedResource) =>
  logRule.parse(body['properties']).criteria.allOf[0];

/** Whether the rule fires when it is evaluated at `nowMs`. */
export function fires(rule: PlannedResource, observed: Observed, nowMs: number): boolean {
  if (rule.type === METRIC_RULE) return metricFires(rule, observed.samples, nowMs);
  if (rule.type === LOG_RULE) return logFires(rule, observed.tables, nowMs);
  throw new Error(`${rule.type} is no alert rule`);
}

function metricFires(rule: PlannedResource, samples: readonly Sample[], nowMs: number): boolean {
  const { windowSize } = metricRule.parse(rule.body['properties']);
  const criterion = metricCriterion(rule);
  const fromMs = nowMs - minutesOf(windowSize) * 60_000;
  const seen = samples.filter(
    ({ namespace, metric, dimensions, atMs }) =>
      namespace === criterion.metricNamespace &&
      metric === criterion.metricName &&
      atMs > fromMs &&
      atMs <= nowMs &&
      criterion.dimensions.every(({ name, values }) => includes(values, dimensions[name])),
  );
  const splitBy = criterion.dimensions.map(({ name }) => name);
  const groups = groupsOf(seen, ({ dimensions }) => splitBy.map((name) => dimensions[name]));
  return groups.some((group) => {
    const values = group.map(({ value }) => value);
    return aggregated(criterion.timeAggregation, values) > criterion.threshold;
  });
}

function logFires(rule: PlannedResource, tables: Tables, nowMs: number): boolean {
  const { windowSize } = logRule.parse(rule.body['properties']);
  const criterion = logCriterion(rule);
  const fromMs = nowMs - minutesOf(windowSize) * 60_000;
  const isSeen = ({ TimeGenerated }: Row): boolean =>
    TimeGenerated instanceof Date && TimeGenerated.getTime() > fromMs && TimeGenerated.getTime() <= nowMs;
  const recent = Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.filter(isSeen)]),
  );
  const rows = runQuery(parseQuery(criterion.query), recent);
  const groups = groupsOf(rows, (row) => criterion.dimensions.map(({ name }) => row[name]));
  return groups.some((group) => {
    const column = criterion.metricMeasureColumn;
    const values = group.map((row) => (column === undefined ? 1 : Number(row[column])));
    return aggregated(criterion.timeAggregation, values) > criterion.threshold;
  });
}

/** Those with equal keys together. */
function groupsOf<T>(items: readonly T[], keyOf: (item: T) => readonly unknown[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}

const includes = (values: readonly string[], value: string | undefined): boolean =>
  value !== undefined && (values.includes('*') || values.includes(value));

function aggregated(by: 'Maximum' | 'Total' | 'Count', values: readonly number[]): number {
  if (by === 'Maximum') return Math.max(...values);
  // A sample of a counter stands for `value` requests: to count is to add them up.
  return values.reduce((sum, value) => sum + value, 0);
}

function minutesOf(duration: string): number {
  const [, minutes] = /^PT(\d+)M$/.exec(duration) ?? [];
  if (minutes === undefined) throw new Error(`${duration} is no number of minutes`);
  return Number(minutes);
}
