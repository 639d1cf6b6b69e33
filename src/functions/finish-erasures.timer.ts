// FinishErasures, by a schedule that is a setting: erasures that waited for orders to end are finished.
import { app } from '@azure/functions';
import { TransientError } from '../errors';
import { finishErasures, type ErasurePorts } from '../operations/erase-customer';
import { invocationLog } from '../telemetry/invocation-log';

export function registerErasureTimer(ports: ErasurePorts, schedule: string): void {
  app.timer('FinishErasures', {
    schedule,
    handler: async (_timer, context) => {
      const log = invocationLog(context);
      try {
        const result = await finishErasures(ports, log);
        if (result.finished > 0) log.info('erasures finished', { finished: result.finished });
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        log.warn('no more erasures finished this time', { error: error.message });
      }
    },
  });
}
