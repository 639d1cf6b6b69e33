/** The value below which a share `q` of `sorted` lies; NaN of nothing. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** In ascending order, as `quantile` takes them. */
export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
