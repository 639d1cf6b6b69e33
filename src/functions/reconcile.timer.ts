// Timers whose schedules are settings.
// ReconcileOrders: orders that a crash left unstarted or unfinished are found and mended.
// LookUpEndedOrders: the keys of orders that failed or were cancelled a while ago are looked up once more.
import { app, type InvocationContext } from '@azure/functions';
import { runLateLookUp, type LookUpPorts } from '../commands/late-look-up';
import { reconcileOrders, type ReconcileLimits, type ReconcilePorts } from '../commands/reconcile-orders';
import { TransientError } from '../errors';
import { invocationLog } from '../telemetry/invocation-log';
import type { AppPorts } from './app-ports';
import { taskHubInput } from './task-hub.durable';

export type ReconcilerPorts = AppPorts & Omit<ReconcilePorts, 'sagas' | 'returnSagas' | 'log'>;

/** A run begins nothing after this; what it has begun ends within a minute, well within any plan's limit of five. */
const BUDGET_MS = 20_000;

export function registerReconciler(
  ports: ReconcilerPorts,
  limits: Omit<ReconcileLimits, 'budgetMs'>,
  schedule: string,
): void {
  app.timer('ReconcileOrders', {
    schedule,
    extraInputs: [taskHubInput()],
    handler: (_timer, context) =>
      unlessAway(context, 'nothing more reconciled', async (log) => {
        const [sagas, returnSagas] = [ports.sagas(context), ports.returnSagas(context)];
        const reconciling = { ...ports, sagas, returnSagas, log };
        const run = await reconcileOrders(reconciling, { ...limits, budgetMs: BUDGET_MS });
        const { looked, started, signalled, repaired, finished } = run;
        if (started + signalled + repaired > 0)
          log.info('reconciled', { looked, started, signalled, repaired, finished });
      }),
  });
}

export function registerLateLookUp(ports: Omit<LookUpPorts, 'log'>, afterMs: number, schedule: string): void {
  app.timer('LookUpEndedOrders', {
    schedule,
    handler: (_timer, context) =>
      unlessAway(context, 'nothing more looked up', async (log) => {
        const run = await runLateLookUp({ ...ports, log }, { afterMs, budgetMs: BUDGET_MS });
        const { looked, found, finished } = run;
        if (looked > 0) log.info('ended orders looked up', { looked, found, finished });
      }),
  });
}

/** What a store that is away keeps from being done, the next run does. */
async function unlessAway(
  context: InvocationContext,
  what: string,
  work: (log: ReturnType<typeof invocationLog>) => Promise<void>,
): Promise<void> {
  const log = invocationLog(context);
  try {
    await work(log);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('store away', { what, error: error.message });
  }
}
