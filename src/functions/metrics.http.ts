// Routes for the metrics of this instance, as Prometheus reads them.
import type { DeadLetterCounts } from '../ports/dead-letter-counts';
import type { StuckCount } from '../operations/stuck-count';
import type { Metrics } from '../telemetry/metrics';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf } from './routes/route';

export interface MetricsPorts {
  readonly metrics: Metrics;
  readonly deadLetters: DeadLetterCounts;
  readonly stuckOrders: StuckCount;
  /** What tells this instance from the others. */
  readonly instance: string;
}

/** What Prometheus asks for, and what it is sent. */
const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';

type Route = typeof ROUTES.GetMetrics;

/** Dead letters and orders without progress are everybody's: each instance tells of them, and a reader takes the maximum. */
export function registerMetrics(
  { metrics, deadLetters, stuckOrders, instance }: MetricsPorts,
  register: RegisterRoute,
): void {
  register(ROUTES.GetMetrics, async (): Promise<AnswerOf<Route>> => {
    for (const [queue, count] of await deadLetters.read())
      metrics.observe('order_saga_dead_letters', { queue }, () => count);
    const stuck = await stuckOrders.read();
    if (stuck !== undefined) metrics.observe('order_saga_orders_without_progress', {}, () => stuck);
    return { status: 200, headers: { 'Content-Type': PROMETHEUS }, body: metrics.text(instance) };
  });
}
