// Interface of an exporter of metrics.
import type { Reading } from './reading';

/** From when to when counters and histograms count, in milliseconds since 1970. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** Takes readings out of this process. It may reject, refuse or hang: its caller waits with the next one. */
export interface MetricExporter {
  readonly name: 'otlp' | 'application-insights';
  /** Called again only when the last call has settled. */
  export(readings: readonly Reading[], period: Period): Promise<void>;
}
