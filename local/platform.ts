// Platform of the order saga: the look-alikes with its queues and topics, and the simulated downstream services.
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import type { RunningProgram } from 'azure-local/supervisor/child-program';
import { startLookAlikes } from 'azure-local/supervisor/look-alikes';
import type { PlatformOptions, PlatformUrls } from 'azure-local/supervisor/processes';
import { publishToTopic } from 'order-saga-simulators/publish-stock-events';
import { createServicesServer } from 'order-saga-simulators/server';
import eventgrid from './eventgrid/topics.json';
import servicebus from './servicebus/Config.json';

/** Starts every look-alike; a port that is taken rejects with a PortInUseError. */
export const startPlatform = (options: PlatformOptions): Promise<RunningProgram<PlatformUrls>> =>
  startLookAlikes(options, { servicebus, eventgrid }, ({ eventgridUrl, ...parts }) =>
    createServicesServer({
      ...parts,
      publish: publishToTopic(`${eventgridUrl}/inventory-events/api/events`, LOCAL_KEY),
      publishParcels: publishToTopic(`${eventgridUrl}/shipping-events/api/events`, LOCAL_KEY),
    }),
  );
