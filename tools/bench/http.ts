// Bench of an empty handler through the function host, beside a bare node:http server, with the same client: kept
// connections, one request in flight on each. Servers run in processes of their own. Two rows of `npm run tool:bench`;
// alone: `node dist/bench/http.js [seconds]`.
import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';
import { wallClock } from 'azure-local/kit/clock';
import { createFunctionHost } from 'azure-local/host/function-host';
import { readHostJson } from 'azure-local/host/host-json';
import { createHostLogger } from 'azure-local/kit/log';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { createTimerStore } from 'azure-local/host/timer-store';
import { Journal } from 'azure-local/storage/journal';
import { firstMessage } from './harness/forked-server';
import { rssMb } from './harness/process-usage';
import { reportRows } from './harness/row-program';
import { askSteadily, questionOf } from './harness/steady-asking';
import type { BenchRow } from './harness/table';

const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
const BODY = '{"ok":true}';
const QUESTION = questionOf('GET', '/api/hello', BODY);
const NAMES = { bare: 'empty HTTP server', host: 'empty function over the host' } as const;
type Mode = keyof typeof NAMES;

async function serve(mode: Mode): Promise<number> {
  if (mode === 'bare') {
    const server = createServer((_request, response) => {
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length })
        .end(BODY);
    });
    return listenOnLoopback(server, 0, 'the bench', '--port');
  }
  const appRoot = path.resolve(__dirname, '../../packages/azure-local/test/fixtures/host-golden');
  const host = createFunctionHost({
    appRoot,
    appThread: path.resolve(__dirname, '../local/app-worker.js'),
    hostJson: readHostJson(appRoot),
    environment: { 'AzureWebJobs.tick.Disabled': 'true' },
    timers: { status: createTimerStore(new Journal(':memory:')) },
    clock: wallClock(),
    log: createHostLogger({
      levels: { default: 'warning' },
      sink: (text) => process.stderr.write(text),
      isColoured: false,
      now: () => Date.now(),
    }),
    port: 0,
  });
  return Number(new URL((await host.start()).url).port);
}

async function startServer(mode: Mode): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(__filename, [mode], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child.stderr?.resume();
  return { child, port: await firstMessage<number>(child, `The ${mode} server`) };
}

async function rowOf(mode: Mode, seconds: number): Promise<BenchRow> {
  const { child, port } = await startServer(mode);
  const { pid = 0 } = child;
  const asked = { pid, port };
  const one = await askSteadily(asked, QUESTION, {
    connections: 1,
    seconds: seconds / 2,
    warmUpMs: WARM_UP_MS,
  });
  const many = await askSteadily(asked, QUESTION, {
    connections: CONNECTIONS,
    seconds,
    warmUpMs: WARM_UP_MS,
  });
  const memory = rssMb(pid);
  child.kill();
  return {
    name: NAMES[mode],
    perSecond: many.perSecond,
    oneAtATime: one.spread,
    inFlight: many.spread,
    cpuMs: { host: many.cpuMsEach },
    rssMb: { host: memory },
  };
}

async function main(argument: string | undefined): Promise<void> {
  if (argument === 'bare' || argument === 'host') {
    process.send?.(await serve(argument));
    return;
  }
  const seconds = Number(argument ?? 5);
  reportRows([await rowOf('bare', seconds), await rowOf('host', seconds)], CONNECTIONS);
}

void main(process.argv[2]);
