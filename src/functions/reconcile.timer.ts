// ReconcileOrders: every few seconds, orders that a crash left unstarted or unfinished are found and mended.
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { reconcileOrders } from '../commands/reconcile-orders';
import { TransientError } from '../errors';
import { invocationLog } from '../observability/invocation-log';
import type { AppPorts } from './app-ports';

export function registerReconciler(ports: AppPorts, quietMs: number): void {
  let from: string | undefined;
  app.timer('ReconcileOrders', {
    schedule: '*/5 * * * * *',
    extraInputs: [df.input.durableClient()],
    handler: async (_timer, context) => {
      const log = invocationLog(context);
      try {
        const reconciling = { ...ports, sagas: ports.sagas(context), log };
        const { next, ...counts } = await reconcileOrders(reconciling, quietMs, from);
        from = next;
        if (counts.started + counts.signalled + counts.repaired > 0) log.info('reconciled', { ...counts });
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        log.warn('store away, nothing reconciled', { error: error.message });
      }
    },
  });
}
