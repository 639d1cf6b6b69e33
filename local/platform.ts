// Platform of the order saga: the look-alikes with its queues and topics, and the simulated downstream services.
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import type { RunningProgram } from 'azure-local/supervisor/child-program';
import { killNow } from 'azure-local/supervisor/process-life';
import { readRunFile } from 'azure-local/supervisor/run-file';
import { startLookAlikes } from 'azure-local/supervisor/look-alikes';
import type { PlatformOptions, PlatformUrls } from 'azure-local/supervisor/processes';
import { publishToTopic } from 'order-saga-simulators/publish-stock-events';
import { createServicesServer } from 'order-saga-simulators/server';
import eventgrid from './eventgrid/topics.json';
import servicebus from './servicebus/Config.json';

/** Time for the answer to go out, through the host that may be the one to end. */
const KILL_AFTER_MS = 250;

/** Ends processes of the system that runs in `dataDir`, this one last. Everything ends with its supervisor first. */
function killOf(dataDir: string, what: 'host' | 'platform' | 'all'): void {
  const pids: Readonly<Record<string, number>> = readRunFile(dataDir)?.pids ?? {};
  const of = (name: string): number[] =>
    Object.entries(pids).flatMap(([process, pid]) => (process.startsWith(name) ? [pid] : []));
  const doomed = what === 'all' ? [...of('supervisor'), ...of('host'), process.pid] : of(what);
  setTimeout(() => doomed.forEach(killNow), KILL_AFTER_MS);
}

/** Starts every look-alike; a port that is taken rejects with a PortInUseError. */
export const startPlatform = (options: PlatformOptions): Promise<RunningProgram<PlatformUrls>> =>
  startLookAlikes(options, { servicebus, eventgrid }, ({ eventgridUrl, ...parts }) =>
    createServicesServer({
      ...parts,
      publish: publishToTopic(`${eventgridUrl}/inventory-events/api/events`, LOCAL_KEY),
      publishParcels: publishToTopic(`${eventgridUrl}/shipping-events/api/events`, LOCAL_KEY),
      kill: (what) => killOf(options.dataDir, what),
    }),
  );
