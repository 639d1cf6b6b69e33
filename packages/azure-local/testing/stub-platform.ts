// Stub of a platform, for tests of the supervisor: listeners that answer.
import { createServer, type Server } from 'node:http';
import { listenOnLoopback } from '../src/kit/listen';
import { runChildProgram } from '../src/supervisor/child-program';
import type { PlatformOptions, PlatformUrls } from '../src/supervisor/processes';

const defaults: PlatformOptions = {
  dataDir: '.local',
  appRoot: '.',
  cosmosPort: 0,
  servicesPort: 0,
  servicebusPort: 0,
  eventgridPort: 0,
  telemetryPort: 0,
};

const answering = (): Server => createServer((_request, response) => response.end('platform'));

void runChildProgram<PlatformOptions, PlatformUrls>('platform', defaults, async (options) => {
  const cosmos = await listenOnLoopback(answering(), options.cosmosPort, 'Cosmos DB', '--cosmos-port');
  const services = await listenOnLoopback(answering(), options.servicesPort, 'services', '--services-port');
  const bus = await listenOnLoopback(answering(), options.servicebusPort, 'bus', '--servicebus-port');
  const grid = await listenOnLoopback(answering(), options.eventgridPort, 'grid', '--eventgrid-port');
  const traces = await listenOnLoopback(answering(), options.telemetryPort, 'traces', '--telemetry-port');
  return {
    urls: {
      cosmos: `http://127.0.0.1:${cosmos}`,
      services: `http://127.0.0.1:${services}`,
      servicebus: `sb://127.0.0.1:${bus}`,
      eventgrid: `http://127.0.0.1:${grid}`,
      telemetry: `http://127.0.0.1:${traces}`,
    },
    stop: () => Promise.resolve(),
  };
});
