// Requests per second of an empty handler through the function host, beside a bare node:http server, with the same
// client: 64 kept connections, one request in flight on each. Servers run in processes of their own.
// Usage: npm run build && node dist/bench/http.js [seconds]
import { fork, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { wallClock } from '../../local/clock';
import { createFunctionHost } from '../../local/host/function-host';
import { readHostJson } from '../../local/host/host-json';
import { createHostLogger, type LogLevel } from '../../local/host/log';
import { listenOnLoopback } from '../../local/listen';
import { Journal } from '../../local/storage/journal';

const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
const REQUEST = 'GET /api/hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const BODY = '{"ok":true}';
const MODES = ['bare', 'warning', 'information'] as const;
type Mode = (typeof MODES)[number];

async function serve(mode: Mode): Promise<number> {
  if (mode === 'bare') {
    const server = createServer((_request, response) => {
      response
        .writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': BODY.length })
        .end(BODY);
    });
    return listenOnLoopback(server, 0, 'the bench', '--port');
  }
  const appRoot = path.resolve(__dirname, '../../test/fixtures/host-golden');
  const levels: Record<string, LogLevel> = { default: mode };
  const host = createFunctionHost({
    appRoot,
    hostJson: readHostJson(appRoot),
    environment: { 'AzureWebJobs.tick.Disabled': 'true' },
    journal: new Journal(':memory:'),
    clock: wallClock(),
    log: createHostLogger({
      levels,
      sink: (text) => process.stderr.write(text),
      isColoured: false,
      now: () => Date.now(),
    }),
    port: 0,
  });
  return Number(new URL((await host.start()).url).port);
}

/** Answers come one at a time on a connection: each ends with the body, whatever its headers. */
function keepAsking(port: number, onAnswer: () => void): Socket {
  let received = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (!received.endsWith(BODY)) return;
    received = '';
    onAnswer();
    socket.write(REQUEST);
  });
  return socket;
}

interface Figures {
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
}

async function measure(server: ChildProcess, port: number, seconds: number): Promise<Figures> {
  let answers = 0;
  const sockets = Array.from({ length: CONNECTIONS }, () => keepAsking(port, () => (answers += 1)));
  await pause(WARM_UP_MS);
  const cpuBefore = await cpuMicros(server);
  const answersBefore = answers;
  const startedMs = performance.now();
  await pause(seconds * 1000);
  const counted = answers - answersBefore;
  const elapsedMs = performance.now() - startedMs;
  const usedMicros = (await cpuMicros(server)) - cpuBefore;
  for (const socket of sockets) socket.destroy();
  return { requestsPerSecond: (counted * 1000) / elapsedMs, cpuMicrosPerRequest: usedMicros / counted };
}

/** The CPU time that the server's process has used: what a busy machine does not distort. */
function cpuMicros(server: ChildProcess): Promise<number> {
  server.send('cpu');
  return new Promise((resolve) => server.once('message', (micros) => resolve(Number(micros))));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function startServer(mode: Mode): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(__filename, [mode], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child.stderr?.resume();
  return new Promise((resolve, reject) => {
    child.once('message', (port) => resolve({ child, port: Number(port) }));
    child.once('exit', (code) => reject(new Error(`The ${mode} server ended with ${String(code)}.`)));
  });
}

async function main(): Promise<void> {
  const mode = MODES.find((known) => known === process.argv[2]);
  if (mode !== undefined && process.send !== undefined) {
    const port = await serve(mode);
    process.on('message', () => {
      const { user, system } = process.cpuUsage();
      process.send?.(user + system);
    });
    process.send(port);
    return;
  }
  const seconds = Number(process.argv[2] ?? 5);
  for (const each of MODES) {
    const { child, port } = await startServer(each);
    const { requestsPerSecond, cpuMicrosPerRequest } = await measure(child, port, seconds);
    const name = each === 'bare' ? 'bare node:http' : `host, log level ${each}`;
    console.log(
      `${name}: ${Math.round(requestsPerSecond)} requests/s, ${Math.round(cpuMicrosPerRequest)} µs CPU each`,
    );
    child.removeAllListeners('exit');
    child.kill();
  }
}

void main();
