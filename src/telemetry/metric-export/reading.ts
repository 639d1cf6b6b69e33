// Reading of the meter: what every series stands at, at one moment, as plain values. Exporters take it.

export type Labels = Readonly<Record<string, string>>;

export interface Distribution {
  /** Upper bounds of the buckets; the last bucket has none. */
  readonly bounds: readonly number[];
  /** How many values fell into each bucket, one more than there are bounds; not cumulative. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface Point<T> {
  readonly labels: Labels;
  readonly value: T;
}

interface Described {
  readonly name: string;
  readonly meaning: string;
}

export interface NumberReading extends Described {
  readonly kind: 'counter' | 'gauge';
  readonly points: readonly Point<number>[];
}

export interface HistogramReading extends Described {
  readonly kind: 'histogram';
  readonly points: readonly Point<Distribution>[];
}

/** One metric with all its series. Counters and histograms stand at what was counted since the app began to count. */
export type Reading = NumberReading | HistogramReading;
