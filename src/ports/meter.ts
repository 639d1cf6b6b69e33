// The metrics of the app: their names, kinds and labels in one table, and the port through which they are counted. Each
// instance counts what it has done itself; whoever reads adds the instances up.

export interface Metric {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly meaning: string;
  readonly labels: readonly string[];
}

export const METRICS = {
  order_saga_orders_total: {
    kind: 'counter',
    meaning: 'Orders that were placed, and that ended, by outcome',
    labels: ['outcome'],
  },
  order_saga_events_written_total: {
    kind: 'counter',
    meaning: 'Events that were appended to the streams of orders',
    labels: ['type'],
  },
  order_saga_step_duration_seconds: {
    kind: 'histogram',
    meaning: 'How long one attempt of a step or compensation took, service and write included',
    labels: ['step', 'outcome'],
  },
  order_saga_step_retries_total: {
    kind: 'counter',
    meaning: 'Attempts of a step or compensation after its first',
    labels: ['step'],
  },
  order_saga_compensations_total: {
    kind: 'counter',
    meaning: 'Compensations that were recorded',
    labels: ['step', 'outcome'],
  },
  order_saga_interventions_total: {
    kind: 'counter',
    meaning: 'Interventions that were opened, and compensations that failed: a person must look',
    labels: [],
  },
  order_saga_events_published_total: {
    kind: 'counter',
    meaning: 'Events that a broker accepted, by the queue or topic',
    labels: ['target', 'type'],
  },
  order_saga_events_consumed_total: {
    kind: 'counter',
    meaning: 'Events that a consumer took; those of unknown types have the type `unknown`',
    labels: ['consumer', 'type', 'result'],
  },
  order_saga_feed_lag_seconds: {
    kind: 'gauge',
    meaning:
      'How old the oldest event is that the feed has brought to a function and that it has not finished; 0 when none',
    labels: ['function'],
  },
  order_saga_dead_letters: {
    kind: 'gauge',
    meaning: 'Dead letters of a queue, at most 100',
    labels: ['queue'],
  },
  order_saga_orders_without_progress: {
    kind: 'gauge',
    meaning:
      'Orders, of all tenants, to which nothing has happened for `StuckAfterMinutes` though something should have',
    labels: [],
  },
  order_saga_breaker_open: {
    kind: 'gauge',
    meaning: 'Whether the circuit breaker to a target is closed (0), half open (0.5) or open (1)',
    labels: ['target'],
  },
  order_saga_query_cache_total: {
    kind: 'counter',
    meaning: 'Queries of read models that were answered from the cache (`hit`), or read (`miss`)',
    labels: ['query', 'result'],
  },
  order_saga_telemetry_events_total: {
    kind: 'counter',
    meaning: 'Events of telemetry, such as LowStockAlert, by the product that they are about',
    labels: ['event', 'product'],
  },
  order_saga_low_stock_level: {
    kind: 'gauge',
    meaning: 'How much there was of a product when this instance last raised a LowStockAlert for it',
    labels: ['product'],
  },
  order_saga_spans_total: {
    kind: 'counter',
    meaning:
      'Spans by what became of them: exported, failed (their export was refused or took too long), or dropped (the queue was full)',
    labels: ['exporter', 'result'],
  },
  order_saga_metric_exports_total: {
    kind: 'counter',
    meaning:
      'Exports of these metrics by what became of them: exported, failed (refused or too late), or skipped (the one before had not ended)',
    labels: ['exporter', 'result'],
  },
  order_saga_start_time_seconds: {
    kind: 'gauge',
    meaning: 'When this instance began to count (Unix time)',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Metric>>;

type Metrics = typeof METRICS;
export type MetricName = keyof Metrics;

type NamesOf<K extends Metric['kind']> = {
  [N in MetricName]: Metrics[N]['kind'] extends K ? N : never;
}[MetricName];

export type Labels<N extends MetricName> = Readonly<Record<Metrics[N]['labels'][number], string>>;

export interface Meter {
  add<N extends NamesOf<'counter'>>(name: N, labels: Labels<N>, value?: number): void;
  /** One more value of a histogram. */
  record<N extends NamesOf<'histogram'>>(name: N, labels: Labels<N>, value: number): void;
  /** Asked whenever somebody reads; of those with the same labels the last one is asked. */
  observe<N extends NamesOf<'gauge'>>(name: N, labels: Labels<N>, read: () => number): void;
}
