// A function host without an app, for tests of the supervisor. Its settings decide how it behaves: StubStart=refuse
// fails at the start, StubStop=hang never finishes; at a stop in order it says whether the platform still answers.
import { createServer } from 'node:http';
import { listenOnLoopback } from '../../local/listen';
import { runChildProgram } from '../../local/supervisor/child-program';
import { StartError, type HostOptions, type HostUrls } from '../../local/supervisor/processes';

const defaults: HostOptions = { dataDir: '.local', appRoot: '.', port: 0, keys: false };
const { StubStart, StubStop, InventoryService__BaseUrl: inventoryUrl = '' } = process.env;

async function drain(): Promise<void> {
  if (StubStop === 'hang') await new Promise(() => undefined);
  const answer = await fetch(inventoryUrl).then((response) => response.text());
  process.stdout.write(`stub host drained while the ${answer} answers\n`);
}

void runChildProgram<HostOptions, HostUrls>('host', defaults, async (options) => {
  if (StubStart === 'refuse') throw new StartError('InventoryService:BaseUrl is missing.');
  const server = createServer((request, response) => {
    const body = { environment: process.env, options };
    response.writeHead(request.url === '/api/health' ? 200 : 203).end(JSON.stringify(body));
  });
  const port = await listenOnLoopback(server, options.port, 'HTTP API', '--port');
  return { urls: { api: `http://127.0.0.1:${port}` }, stop: drain };
});
