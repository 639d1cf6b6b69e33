// Stub of a function host, for tests of the supervisor. Its settings decide how it behaves: StubStart=refuse fails at
// the start, StubStop=hang does not finish; at a stop in order it prints whether the platform still answers.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { listenOnLoopback } from '../src/kit/listen';
import { KEYS_FILE } from '../src/supervisor/access-keys';
import { runChildProgram, type RunningProgram } from '../src/supervisor/child-program';
import {
  hostName,
  StartError,
  type HostName,
  type HostOptions,
  type HostUrls,
} from '../src/supervisor/processes';

const defaults: HostOptions = {
  dataDir: '.local',
  appRoot: '.',
  port: 0,
  keys: false,
  storage: 'atomic',
  visibilityMs: 0,
  verbose: false,
  instance: 1,
  instances: 1,
  publicUrl: '',
};

async function drain(): Promise<void> {
  const { StubStop, PlatformUrl: platformUrl = '' } = process.env;
  // A blocked event loop: neither a signal nor a closed channel is noticed.
  if (StubStop === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  const answer = await fetch(platformUrl).then((response) => response.text());
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

const nameOf = ({ instance }: HostOptions): HostName => hostName(instance);

async function startStub(options: HostOptions): Promise<RunningProgram<HostUrls>> {
  if (process.env['StubStart'] === 'refuse') throw new StartError('InventoryService:BaseUrl is missing.');
  const keysAtStart = existsSync(path.join(options.dataDir, KEYS_FILE));
  const server = createServer((request, response) => {
    const body = JSON.stringify({ environment: process.env, options, keysAtStart });
    response.writeHead(request.url === '/api/health' ? health() : 200).end(body);
  });
  const port = await listenOnLoopback(server, options.port, 'HTTP API', '--port');
  return { urls: { api: `http://127.0.0.1:${port}` }, stop: drain };
}

void runChildProgram('host', defaults, startStub, nameOf);
