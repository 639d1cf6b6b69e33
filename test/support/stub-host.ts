// A function host without an app, for tests of the supervisor. Its settings decide how it behaves: StubStart=refuse
// fails at the start, StubStop=hang does not finish; at a stop in order it says whether the platform still answers.
import { createServer } from 'node:http';
import { listenOnLoopback } from '../../local/listen';
import { runChildProgram } from '../../local/supervisor/child-program';
import { StartError, type HostOptions, type HostUrls } from '../../local/supervisor/processes';

const defaults: HostOptions = {
  dataDir: '.local',
  appRoot: '.',
  port: 0,
  keys: false,
  storage: 'atomic',
  visibilityMs: 0,
  verbose: false,
};
const { StubStart, StubStop, InventoryService__BaseUrl: inventoryUrl = '' } = process.env;

async function drain(): Promise<void> {
  // A blocked event loop: neither a signal nor a closed channel is noticed.
  if (StubStop === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  const answer = await fetch(inventoryUrl).then((response) => response.text());
  process.stdout.write(`stub host drained while the ${answer} answers\n`);
}

let healthAsked = 0;

/** Not at once, as an app that still connects to its store. */
function health(): number {
  healthAsked += 1;
  if (healthAsked < 3) return 503;
  if (healthAsked === 3) process.stdout.write('stub host is healthy\n');
  return 200;
}

void runChildProgram<HostOptions, HostUrls>('host', defaults, async (options) => {
  if (StubStart === 'refuse') throw new StartError('InventoryService:BaseUrl is missing.');
  const server = createServer((request, response) => {
    const body = JSON.stringify({ environment: process.env, options });
    response.writeHead(request.url === '/api/health' ? health() : 200).end(body);
  });
  const port = await listenOnLoopback(server, options.port, 'HTTP API', '--port');
  return { urls: { api: `http://127.0.0.1:${port}` }, stop: drain };
});
