// Routes for the metrics of this instance, as Prometheus reads them.
import type { Metrics } from '../telemetry/metrics';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf } from './routes/route';

export interface MetricsPorts {
  readonly metrics: Metrics;
  /** Brings gauges up to date that are asked of others. */
  readonly refresh: () => Promise<void>;
  /** What tells this instance from the others. */
  readonly instance: string;
}

/** What Prometheus asks for, and what it is sent. */
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

type Route = typeof ROUTES.GetMetrics;

export function registerMetrics({ metrics, refresh, instance }: MetricsPorts, register: RegisterRoute): void {
  register(ROUTES.GetMetrics, async (): Promise<AnswerOf<Route>> => {
    await refresh();
    return { status: 200, headers: { 'Content-Type': PROMETHEUS }, body: metrics.text(instance) };
  });
}
