// Changes between two readings of the meter: what was counted since an earlier one. Series of counters and histograms that did
// not change are left out; gauges are as they are.
import type { Distribution, Labels, Point, Reading } from '../telemetry/metric-export/reading';

export function changesSince(before: readonly Reading[], now: readonly Reading[]): readonly Reading[] {
  const earlier = new Map(before.map((reading) => [reading.name, reading]));
  return now
    .map((reading) => changeOf(earlier.get(reading.name), reading))
    .filter(({ points }) => points.length > 0);
}

function changeOf(before: Reading | undefined, now: Reading): Reading {
  if (now.kind === 'gauge') return now;
  if (now.kind === 'histogram') {
    const from = before?.kind === 'histogram' ? before.points : [];
    return { ...now, points: changedPoints(from, now.points, distributionSince, ({ count }) => count) };
  }
  const from = before === undefined || before.kind === 'histogram' ? [] : before.points;
  const numberSince = (value: number, earlier = 0): number => value - earlier;
  return { ...now, points: changedPoints(from, now.points, numberSince, (value) => value) };
}

function changedPoints<T>(
  before: readonly Point<T>[],
  now: readonly Point<T>[],
  since: (value: T, earlier: T | undefined) => T,
  size: (value: T) => number,
): readonly Point<T>[] {
  const earlier = new Map(before.map(({ labels, value }) => [keyOf(labels), value]));
  return now
    .map(({ labels, value }) => ({ labels, value: since(value, earlier.get(keyOf(labels))) }))
    .filter(({ value }) => size(value) !== 0);
}

const keyOf = (labels: Labels): string => JSON.stringify(labels);

function distributionSince(now: Distribution, earlier: Distribution | undefined): Distribution {
  return {
    bounds: now.bounds,
    counts: now.counts.map((count, bucket) => count - (earlier?.counts[bucket] ?? 0)),
    sum: now.sum - (earlier?.sum ?? 0),
    count: now.count - (earlier?.count ?? 0),
  };
}
