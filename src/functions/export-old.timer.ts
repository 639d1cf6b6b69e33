// ExportOldOrders, by a schedule that is a setting: events and histories of orders that ended long ago go into files.
import { app } from '@azure/functions';
import { TransientError } from '../errors';
import { exportOld, type ExportPorts } from '../operations/export-old';
import { invocationLog } from '../telemetry/invocation-log';

/** Well within the shortest limit that a plan gives to a function: five minutes. */
const BUDGET_MS = 120_000;
const DAY_MS = 86_400_000;

export function registerExport(ports: Omit<ExportPorts, 'log'>, afterDays: number, schedule: string): void {
  app.timer('ExportOldOrders', {
    schedule,
    handler: async (_timer, context) => {
      const log = invocationLog(context);
      try {
        const limits = { afterMs: afterDays * DAY_MS, budgetMs: BUDGET_MS };
        const result = await exportOld({ ...ports, log }, limits);
        if (result.orders > 0)
          log.info('old orders exported', { orders: result.orders, finished: result.finished });
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        log.warn('nothing more exported this time', { error: error.message });
      }
    },
  });
}
