// Reconciler timers for a host in a test: one run of each job, with time enough for everything.
import { createEffectLookUp } from '../../src/activities/effect-look-up';
import { runLateLookUp } from '../../src/commands/late-look-up';
import { reconcileOrders } from '../../src/commands/reconcile-orders';
import type { Marks } from '../../src/ports/marks';
import { LATE_MS, QUIET_MS, STUCK_MS } from './command-ports';
import type { SagaParts } from './saga-harness';

const BUDGET_MS = 60 * 60_000;

/** Mends what a crash left, then looks up once more what ended a while ago (S6, S27). The marks outlive the host. */
export async function runReconciler(
  { ports, services }: Pick<SagaParts, 'ports' | 'services'>,
  marks: Marks,
): Promise<void> {
  const all = { ...ports, marks, lookUpEffect: createEffectLookUp(services) };
  await reconcileOrders(all, { quietMs: QUIET_MS, stuckMs: STUCK_MS, budgetMs: BUDGET_MS });
  await runLateLookUp(all, { afterMs: LATE_MS, budgetMs: BUDGET_MS });
}
