// Store of metrics in memory: of each series where it stood last.
//
// series-store.M1  It is bounded: beyond `atMost` series new ones are refused, and their number is told to who sends them.
// series-store.M2  An older value does not replace a newer one.
import type { StoredSeries } from './otlp-metrics';

export interface SeriesStore {
  /** How many were refused. */
  add(series: readonly StoredSeries[]): number;
  /** Those of this name, or all. */
  find(name: string | undefined): readonly StoredSeries[];
}

/** A series has some 300 bytes. */
export const SERIES_AT_MOST = 10_000;

export function createSeriesStore(atMost = SERIES_AT_MOST): SeriesStore {
  const kept = new Map<string, StoredSeries>();
  function keep(series: StoredSeries): boolean {
    const { service, instance, name, attributes } = series;
    const key = JSON.stringify([service, instance, name, attributes]);
    const before = kept.get(key);
    if (before === undefined && kept.size >= atMost) return false;
    if (before === undefined || before.atMs <= series.atMs) kept.set(key, series);
    return true;
  }
  return {
    add: (all) => all.filter((series) => !keep(series)).length,
    find: (name) => [...kept.values()].filter((series) => name === undefined || series.name === name),
  };
}
