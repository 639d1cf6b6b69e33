// Bench of an empty handler through the function host, beside a bare node:http server, with the same client: kept
// connections, one request in flight on each. Servers run in processes of their own. Two rows of `npm run tool:bench`;
// alone: `node dist/bench/http.js [seconds]`.
import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { wallClock } from 'azure-local/kit/clock';
import { createFunctionHost } from 'azure-local/host/function-host';
import { readHostJson } from 'azure-local/host/host-json';
import { createHostLogger } from 'azure-local/kit/log';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { createTimerStore } from 'azure-local/host/timer-store';
import { Journal } from 'azure-local/storage/journal';
import { firstMessage } from './harness/forked-server';
import { cpuMs, rssMb } from './harness/process-usage';
import { spreadOf, type Spread } from './harness/quantile';
import { reportRows } from './harness/row-program';
import type { BenchRow } from './harness/table';

const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
const REQUEST = 'GET /api/hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const BODY = '{"ok":true}';
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

/** Answers come one at a time on a connection: each ends with the body, whatever its headers. */
function keepAsking(port: number, onAnswer: (tookMs: number) => void): Socket {
  let received = '';
  let askedMs = 0;
  const ask = (): void => {
    askedMs = performance.now();
    socket.write(REQUEST);
  };
  const socket = connect(port, '127.0.0.1', ask);
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (!received.endsWith(BODY)) return;
    received = '';
    onAnswer(performance.now() - askedMs);
    ask();
  });
  return socket;
}

interface Figures {
  readonly perSecond: number;
  readonly spread: Spread;
  readonly cpuMsEach: number;
}

async function measure(
  pid: number,
  port: number,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Figures> {
  let latencies: number[] = [];
  const sockets = Array.from({ length: connections }, () =>
    keepAsking(port, (tookMs) => latencies.push(tookMs)),
  );
  await pause(WARM_UP_MS);
  const cpuBefore = cpuMs(pid);
  latencies = [];
  const startedMs = performance.now();
  await pause(seconds * 1000);
  const answered = latencies;
  const elapsedMs = performance.now() - startedMs;
  const usedMs = cpuMs(pid) - cpuBefore;
  for (const socket of sockets) socket.destroy();
  return {
    perSecond: (answered.length * 1000) / elapsedMs,
    spread: spreadOf(answered),
    cpuMsEach: usedMs / answered.length,
  };
}

async function startServer(mode: Mode): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(__filename, [mode], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child.stderr?.resume();
  return { child, port: await firstMessage<number>(child, `The ${mode} server`) };
}

async function rowOf(mode: Mode, seconds: number): Promise<BenchRow> {
  const { child, port } = await startServer(mode);
  const { pid = 0 } = child;
  const one = await measure(pid, port, { connections: 1, seconds: seconds / 2 });
  const many = await measure(pid, port, { connections: CONNECTIONS, seconds });
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
