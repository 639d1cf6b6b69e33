// PurgeHistories, by a schedule that is a setting: histories of orders that ended long ago go from the task hub to the archive.
import { app, type InvocationContext } from '@azure/functions';
import { TransientError } from '../errors';
import { invocationLog } from '../telemetry/invocation-log';
import { purgeHistories, type PurgePorts } from '../operations/purge-histories';
import type { SagaHistories } from '../ports/saga-histories';
import { taskHubInput } from './task-hub.durable';

export type PurgeTimerPorts = Omit<PurgePorts, 'histories' | 'log'> & {
  readonly histories: (context: InvocationContext) => SagaHistories;
};

/** Well within the shortest limit that a plan gives to a function: five minutes. */
const BUDGET_MS = 120_000;
const DAY_MS = 86_400_000;

export function registerHistoryPurge(ports: PurgeTimerPorts, retentionDays: number, schedule: string): void {
  app.timer('PurgeHistories', {
    schedule,
    extraInputs: [taskHubInput()],
    handler: async (_timer, context) => {
      const log = invocationLog(context);
      const limits = { retentionMs: retentionDays * DAY_MS, budgetMs: BUDGET_MS };
      try {
        const run = await purgeHistories({ ...ports, histories: ports.histories(context), log }, limits);
        const { purged, kept, finished } = run;
        if (purged + kept > 0) log.info('histories archived', { purged, kept, finished });
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        log.warn('nothing more archived this time', { error: error.message });
      }
    },
  });
}
