// Tests for the alert rules that infra/ deploys, each fired on made-up data by the evaluator of
// test/support/alert-rules.ts.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  fires,
  LOG_RULE,
  logCriterion,
  METRIC_RULE,
  metricCriterion,
  type Observed,
  type Sample,
} from '../support/alert-rules';
import { METRICS } from '../support/azure-monitor';
import { describeCompiled, mainPlan, type PlannedResource, type Properties } from '../support/infra';
import { BREAKER_READINGS, type BreakerState } from '../../src/adapters/breaker-states';
import { createFeedLag } from '../../src/telemetry/feed-lag';
import {
  counted,
  metricRows,
  requestRow,
  requests,
  samples,
  traceRow,
  traces,
} from '../support/monitor-data';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const MINUTE = 60_000;

const busSample = (metric: string, entity: string, value: number, atMs: number): Sample => ({
  namespace: 'Microsoft.ServiceBus/namespaces',
  metric,
  dimensions: { EntityName: entity },
  ...{ value, atMs },
});
const storeSample = (StatusCode: string, value: number, atMs: number): Sample => ({
  namespace: 'Microsoft.DocumentDB/databaseAccounts',
  metric: 'TotalRequests',
  dimensions: { StatusCode },
  ...{ value, atMs },
});

const nothing = (): void => undefined;
const SILENT = { info: nothing, warn: nothing, error: nothing };

const GIGABYTE = 1_024 ** 3;

interface Case {
  /** What fires the rule when it happened at this time. */
  readonly firing: (atMs: number) => Observed;
  /** What is no reason, however near. */
  readonly quiet: (atMs: number) => Observed;
}

/** By the name of the rule. */
const CASES: Readonly<Record<string, Case>> = {
  'dead-letters': {
    firing: (at) => samples(busSample('DeadletteredMessages', 'orders', 1, at)),
    quiet: (at) =>
      samples(
        busSample('DeadletteredMessages', 'orders', 0, at),
        busSample('ActiveMessages', 'orders', 9, at),
      ),
  },
  'topic-size': {
    firing: (at) => samples(busSample('Size', 'order-events', 4.5 * GIGABYTE, at)),
    quiet: (at) =>
      samples(
        busSample('Size', 'order-events', 3.9 * GIGABYTE, at),
        busSample('Size', 'orders', 4.5 * GIGABYTE, at),
      ),
  },
  'bus-throttled': {
    firing: (at) => samples(busSample('ThrottledRequests', 'order-events', 1, at)),
    quiet: (at) => samples(busSample('ThrottledRequests', 'order-events', 0, at)),
  },
  'store-throttled': {
    firing: (at) => samples(storeSample('429', 6, at), storeSample('429', 5, at)),
    quiet: (at) => samples(storeSample('429', 10, at), storeSample('200', 5_000, at)),
  },
  interventions: {
    firing: (at) =>
      traces(traceRow(at, 'manual intervention required', { orderId: 'o-1', step: 'RefundPayment' })),
    quiet: (at) =>
      traces(traceRow(at, 'saga step', { orderId: 'o-1', step: 'RefundPayment', outcome: 'done' })),
  },
  'failed-functions': {
    firing: (at) => requests(requestRow(at, 'RelayEvents', { success: false })),
    quiet: (at) =>
      requests(
        requestRow(at, 'CreateOrder', { success: false, code: '400' }),
        requestRow(at, 'CreateOrder', { code: '202' }),
      ),
  },
  'stuck-orders': {
    firing: (at) => traces(traceRow(at, 'order makes no progress', { orderId: 'o-1', minutes: 10 })),
    quiet: (at) => traces(traceRow(at, 'saga started by reconciler', { orderId: 'o-1' })),
  },
  'parked-events': {
    firing: (at) => traces(traceRow(at, 'event parked', { id: 'e-1', reason: 'too large' })),
    quiet: (at) => traces(traceRow(at, 'failed orders told', { count: 1 })),
  },
  'relay-lag': {
    firing: (at) =>
      traces(traceRow(at, 'feed is behind', { function: 'RelayEvents', lagMs: 300_001, events: 1 })),
    quiet: (at) =>
      traces(traceRow(at, 'feed is behind', { function: 'RelayEvents', lagMs: 300_000, events: 100 })),
  },
  'breaker-open': {
    firing: (at) => counted(...breaker(at, 'open'), ...breaker(at, 'open'), ...breaker(at, 'open')),
    quiet: (at) =>
      counted(
        ...breaker(at, 'open'),
        ...breaker(at, 'open'),
        ...breaker(at, 'halfOpen'),
        ...breaker(at, 'closed'),
        ...breaker(at, 'open', 'shipping'),
      ),
  },
  'feed-lag': {
    firing: (at) => counted(...hangingRelay(at, 300_001)),
    quiet: (at) => counted(...hangingRelay(at, 300_000)),
  },
  'orders-without-progress': {
    firing: (at) => counted(...withoutProgress(at, 1)),
    quiet: (at) => counted(...withoutProgress(at, 0)),
  },
  'order-latency': {
    firing: (at) => requests(...slowOrders(at, 6)),
    quiet: (at) => requests(...slowOrders(at, 5), requestRow(at, 'GetHealth', { durationMs: 9_000 })),
  },
};

/** 100 orders, of which so many took longer than two seconds. */
const slowOrders = (atMs: number, slow: number) =>
  Array.from({ length: 100 }, (_, index) =>
    requestRow(atMs, 'CreateOrder', { durationMs: index < slow ? 2_001 : 2_000, code: '202' }),
  );

/** One reading of one instance. */
const breaker = (atMs: number, state: BreakerState, target = 'payment') =>
  metricRows(atMs, (meter) =>
    meter.observe('order_saga_breaker_open', { target }, () => BREAKER_READINGS[state]),
  );

/** A relay that has begun a page with an event of so long ago, and not finished it. */
const hangingRelay = (atMs: number, ageMs: number) =>
  metricRows(atMs, (meter) => {
    const change = { kind: 'event', occurredAt: new Date(atMs - ageMs).toISOString() };
    const lag = createFeedLag(meter, 'RelayEvents', () => atMs);
    void lag.during([change], SILENT, () => new Promise(() => undefined));
  });

const withoutProgress = (atMs: number, orders: number) =>
  metricRows(atMs, (meter) => meter.observe('order_saga_orders_without_progress', {}, () => orders));

/** First cells of the rows of a table, where they are names. */
const namesIn = (section: string): string[] =>
  [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name = '']) => name);

describeCompiled('the alert rules', () => {
  const rules = mainPlan().resources.filter(({ type }) => [METRIC_RULE, LOG_RULE].includes(type));
  const named = (name: string): PlannedResource => {
    const rule = rules.find((candidate) => candidate.name === `${name}-token`);
    if (rule === undefined) throw new Error(`no rule ${name}`);
    return rule;
  };

  test('are those that have data to be fired on, and no other', () => {
    expect(rules.map(({ name }) => name).sort()).toEqual(
      Object.keys(CASES)
        .map((name) => `${name}-token`)
        .sort(),
    );
  });

  test.each(Object.entries(CASES))('fire on their data and on no other: %s', (name, { firing, quiet }) => {
    const rule = named(name);
    const justNow = NOW - MINUTE;
    expect(fires(rule, firing(justNow), NOW)).toBe(true);
    expect(fires(rule, quiet(justNow), NOW)).toBe(false);
    expect(fires(rule, firing(NOW - 60 * MINUTE), NOW)).toBe(false);
    expect(fires(rule, firing(NOW + MINUTE), NOW)).toBe(false);
  });

  test('fire for nothing on the data of another', () => {
    const justNow = NOW - MINUTE;
    for (const rule of rules) {
      const fired = Object.keys(CASES).filter((name) => {
        const { firing } = CASES[name] ?? {};
        return firing !== undefined && fires(rule, firing(justNow), NOW);
      });
      expect(fired.map((name) => `${name}-token`)).toEqual([rule.name]);
    }
  });

  test('are all in docs/monitoring.md, and no other is', () => {
    const page = readFileSync(path.resolve(__dirname, '../../docs/monitoring.md'), 'utf8');
    const [, section = ''] = page.split(/^## /m);
    expect(namesIn(section)).toEqual(Object.keys(CASES));
  });

  test('tell the action group, and say what is wrong', () => {
    for (const { body } of rules) {
      const properties = body['properties'] as Properties;
      expect(JSON.stringify(properties['actions'])).toContain('actionGroups/ag-token');
      expect(String(properties['description']).length).toBeGreaterThan(20);
    }
  });

  test('on metrics name metrics and dimensions that the services have', () => {
    for (const rule of rules.filter(({ type }) => type === METRIC_RULE)) {
      const { metricNamespace, metricName, dimensions } = metricCriterion(rule);
      const known = METRICS[metricNamespace]?.[metricName];
      expect(known).toEqual(expect.arrayContaining(dimensions.map(({ name }) => name)));
    }
  });

  test('on the log ask for the measure that they name', () => {
    const { metricMeasureColumn, query } = logCriterion(named('order-latency'));
    expect(query).toContain(`${String(metricMeasureColumn)} =`);
  });

  test('on the log look back further than to the last look: a line may arrive late', () => {
    const minutes = (duration: unknown): number => Number(/^PT(\d+)M$/.exec(String(duration))?.[1]);
    for (const { body } of rules.filter(({ type }) => type === LOG_RULE)) {
      const { evaluationFrequency, windowSize } = body['properties'] as Properties;
      expect(minutes(windowSize)).toBeGreaterThan(minutes(evaluationFrequency));
    }
  });

  test('hold the size of the topic against what it holds at most', () => {
    const [topic] = mainPlan().resources.filter(
      ({ type }) => type === 'Microsoft.ServiceBus/namespaces/topics',
    );
    const { maxSizeInMegabytes = 1_024 } = topic?.body['properties'] as { maxSizeInMegabytes?: number };
    const { threshold } = metricCriterion(named('topic-size'));
    expect(threshold / (maxSizeInMegabytes * 1_024 ** 2)).toBeCloseTo(0.8, 5);
  });
});

describeCompiled('what is told of costs', () => {
  const budgets = (parameters: Properties): readonly Properties[] =>
    mainPlan(parameters)
      .resources.filter(({ type }) => type === 'Microsoft.Consumption/budgets')
      .map(({ body }) => body['properties'] as Properties);

  test('is nothing without a budget', () => {
    expect(budgets({})).toEqual([]);
  });

  test('is four fifths of the budget, and a forecast beyond it', () => {
    const [budget] = budgets({ monthlyBudget: 200, alertEmail: 'ops@example.com' });
    expect(budget).toMatchObject({
      amount: 200,
      timeGrain: 'Monthly',
      notifications: {
        nearlySpent: { threshold: 80, thresholdType: 'Actual', contactEmails: ['ops@example.com'] },
        willBeOverspent: { threshold: 100, thresholdType: 'Forecasted' },
      },
    });
  });

  test('is no more log than the cap of a day', () => {
    const capOf = (parameters: Properties): unknown =>
      mainPlan(parameters).resources.find(({ type }) => type === 'Microsoft.OperationalInsights/workspaces')
        ?.body['properties'];
    expect(capOf({})).toMatchObject({ workspaceCapping: { dailyQuotaGb: 5 } });
    expect(capOf({ dailyLogGigabytes: 1 })).toMatchObject({ workspaceCapping: { dailyQuotaGb: 1 } });
  });

  test('goes to the address that is given, and to nobody without one', () => {
    const receivers = (parameters: Properties): unknown =>
      mainPlan(parameters).resources.find(({ type }) => type === 'Microsoft.Insights/actionGroups')?.body[
        'properties'
      ];
    expect(receivers({})).toMatchObject({ emailReceivers: [] });
    expect(receivers({ alertEmail: 'ops@example.com' })).toMatchObject({
      emailReceivers: [{ emailAddress: 'ops@example.com' }],
    });
  });
});
