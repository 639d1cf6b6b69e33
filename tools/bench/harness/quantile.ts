// Quantiles of a sample of times.

export interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The value below which a share `q` of `sorted` lies; NaN of nothing. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** In ascending order, as `quantile` takes them. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** Of values in any order. */
export function median(values: readonly number[]): number {
  return quantile(ascending(values), 0.5);
}

/** Of times in ms, in any order. */
export function spreadOf(timesMs: readonly number[]): Spread {
  const sorted = ascending(timesMs);
  return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

/** Of figures by process: what they come to together. */
export function sumOfValues(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((sum, value) => sum + value, 0);
}
