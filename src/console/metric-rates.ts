// Reducer for the charts: samples of the metrics endpoint, one instance at a time, to rates over all instances. Pure.
//
// metric-rates.M1  Each answer is of one instance (its label `instance`), whichever the balancer asked. Rates are taken within
//   an instance and then summed; one that was not heard of for a minute counts no more.
// metric-rates.M2  A counter that fell began anew: its instance was restarted, and the value is what happened since.

/** One line of the exposition format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Heard {
  readonly atMs: number;
  readonly values: ReadonlyMap<string, number>;
  /** Per second, by series; empty after the first sample. */
  readonly rates: ReadonlyMap<string, number>;
}

/** By instance. */
export type Instances = ReadonlyMap<string, Heard>;

const SILENT_MS = 60_000;

export function parseMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined || labels === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      {
        name,
        value: Number(value),
        labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, unescaped(text)])),
      },
    ];
  });
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));

/** The series of a sample over all instances: its name, and those of its labels that a chart tells apart. */
function seriesOf({ name, labels }: Sample): string {
  const { instance: _, ...rest } = labels;
  return `${name}|${Object.entries(rest)
    .map(([label, value]) => `${label}=${value}`)
    .join('|')}`;
}

/** What is known after an answer that came at `atMs`. */
export function heard(before: Instances, samples: readonly Sample[], atMs: number): Instances {
  const instance = samples[0]?.labels['instance'];
  const kept = [...before].filter(([, { atMs: last }]) => atMs - last < SILENT_MS);
  if (instance === undefined) return new Map(kept);
  const last = before.get(instance);
  const values = new Map(samples.map((sample) => [seriesOf(sample), sample.value]));
  const seconds = last === undefined ? 0 : (atMs - last.atMs) / 1_000;
  const rates = new Map<string, number>();
  if (last !== undefined && seconds > 0) {
    for (const [series, value] of values) {
      const from = last.values.get(series) ?? 0;
      rates.set(series, (value < from ? value : value - from) / seconds);
    }
  }
  return new Map([...kept, [instance, { atMs, values, rates }]]);
}

/** The labels of a series, for those whose metric is `name`. */
function matching(series: string, name: string): Readonly<Record<string, string>> | undefined {
  const [metric, ...labels] = series.split('|');
  if (metric !== name) return undefined;
  return Object.fromEntries(
    labels.filter(Boolean).map((label): [string, string] => {
      const at = label.indexOf('=');
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}

/** Sums over instances, by the value of `label`; of the rates or of the values as they stand. */
export function summed(
  instances: Instances,
  what: 'rates' | 'values',
  name: string,
  label: string,
): ReadonlyMap<string, number> {
  return folded(instances, what, name, label, (before, value) => before + value);
}

/** As `summed`, but the greatest: of a lag, which is no sum. */
export function greatest(instances: Instances, name: string, label: string): ReadonlyMap<string, number> {
  return folded(instances, 'values', name, label, Math.max);
}

function folded(
  instances: Instances,
  what: 'rates' | 'values',
  name: string,
  label: string,
  fold: (before: number, value: number) => number,
): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  for (const { [what]: series } of instances.values()) {
    for (const [key, value] of series) {
      const of = matching(key, name)?.[label];
      if (of !== undefined) result.set(of, fold(result.get(of) ?? 0, value));
    }
  }
  return result;
}

/** The bound below which the share `quantile` lies, by the value of `label`: buckets summed over instances. */
export function quantiles(
  instances: Instances,
  name: string,
  label: string,
  quantile: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, Map<number, number>>();
  for (const { values } of instances.values()) {
    for (const [key, value] of values) {
      const labels = matching(key, `${name}_bucket`);
      const [of, le] = [labels?.[label], labels?.['le']];
      if (of === undefined || le === undefined) continue;
      const bound = le === '+Inf' ? Infinity : Number(le);
      const buckets = counts.get(of) ?? new Map<number, number>();
      counts.set(of, buckets.set(bound, (buckets.get(bound) ?? 0) + value));
    }
  }
  return new Map([...counts].map(([of, buckets]) => [of, boundOf(buckets, quantile)]));
}

function boundOf(buckets: ReadonlyMap<number, number>, quantile: number): number {
  const sorted = [...buckets].sort(([one], [other]) => one - other);
  const wanted = (sorted.at(-1)?.[1] ?? 0) * quantile;
  return sorted.find(([, count]) => count >= wanted)?.[0] ?? Infinity;
}
