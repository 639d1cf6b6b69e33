// Meter in memory, its reading for exporters, and its text in Prometheus' exposition format 0.0.4. Counting is an addition to a
// map, so it costs an order nothing that can be measured; readings and texts are made when they are asked for.
import { METRICS, type Meter, type MetricName } from '../ports/meter';
import type { Distribution, Labels, Point, Reading } from './metric-export/reading';

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Of one instance no metric has more series than this: a label that outsiders choose must not fill the memory. */
const MAX_SERIES = 2_000;

const NAMES = Object.keys(METRICS) as MetricName[];

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export interface Metrics extends Meter {
  /** Every series, each with the label `instance`. */
  text(instance: string): string;
  /** Every metric that has series, as it stands. */
  read(): readonly Reading[];
}

export function createMetrics(): Metrics {
  const counters = createSeries<number>();
  const histograms = createSeries<Histogram>();
  const gauges = createSeries<() => number>();
  return {
    add: (name, labels, value = 1) => {
      counters.change(name, labels, (before = 0) => before + value);
    },
    record: (name, labels, value) => {
      histograms.change(name, labels, (before) => recorded(before, value));
    },
    observe: (name, labels, read) => {
      gauges.change(name, labels, () => read);
    },
    read: () =>
      NAMES.map((name): Reading => {
        const { meaning, kind } = METRICS[name];
        if (kind === 'histogram')
          return { name, meaning, kind, points: pointsOf(histograms.of(name), distributionOf) };
        return kind === 'counter'
          ? { name, meaning, kind, points: pointsOf(counters.of(name), (value) => value) }
          : { name, meaning, kind, points: pointsOf(gauges.of(name), (value) => value()) };
      }).filter(({ points }) => points.length > 0),
    text: (instance) => {
      const lines = NAMES.flatMap((name) => {
        const series = [
          ...counters.of(name).map(({ labels, value }) => line(name, { instance, ...labels }, value)),
          ...histograms
            .of(name)
            .flatMap(({ labels, value }) => histogramLines(name, { instance, ...labels }, value)),
          ...gauges.of(name).map(({ labels, value }) => line(name, { instance, ...labels }, value())),
        ];
        const { meaning, kind } = METRICS[name];
        return series.length === 0 ? [] : [`# HELP ${name} ${meaning}`, `# TYPE ${name} ${kind}`, ...series];
      });
      return [...lines, ''].join('\n');
    },
  };
}

interface Series<T> {
  change(name: MetricName, labels: Labels, next: (before: T | undefined) => T): void;
  of(name: MetricName): readonly Point<T>[];
}

/** Copies: what is exported later must not go on counting. */
const pointsOf = <T, V>(points: readonly Point<T>[], valueOf: (value: T) => V): readonly Point<V>[] =>
  points.map(({ labels, value }) => ({ labels, value: valueOf(value) }));

function distributionOf({ buckets, sum, count }: Histogram): Distribution {
  const below = buckets.reduce((total, inBucket) => total + inBucket, 0);
  return { bounds: BUCKETS, counts: [...buckets, count - below], sum, count };
}

function createSeries<T>(): Series<T> {
  const metrics = new Map<MetricName, Map<string, { labels: Labels; value: T }>>();
  return {
    change(name, labels, next) {
      let series = metrics.get(name);
      if (series === undefined) metrics.set(name, (series = new Map<string, { labels: Labels; value: T }>()));
      const key = METRICS[name].labels.map((label) => labels[label]).join('\n');
      const before = series.get(key);
      if (before !== undefined) before.value = next(before.value);
      else if (series.size < MAX_SERIES) series.set(key, { labels, value: next(undefined) });
    },
    of: (name) => [...(metrics.get(name)?.values() ?? [])],
  };
}

function recorded(before: Histogram | undefined, value: number): Histogram {
  const histogram = before ?? { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 };
  const at = BUCKETS.findIndex((bound) => value <= bound);
  if (at >= 0) histogram.buckets[at] = (histogram.buckets[at] ?? 0) + 1;
  histogram.sum += value;
  histogram.count += 1;
  return histogram;
}

/** Buckets are cumulative. */
function histogramLines(name: string, labels: Labels, { buckets, sum, count }: Histogram): readonly string[] {
  let below = 0;
  return [
    ...BUCKETS.map((bound, index) =>
      line(`${name}_bucket`, { ...labels, le: String(bound) }, (below += buckets[index] ?? 0)),
    ),
    line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}{${pairs.join(',')}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
