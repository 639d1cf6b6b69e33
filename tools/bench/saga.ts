// Bench of a saga that a function starts and waits for: an HTTP function, an orchestration of three activities that do
// nothing, the client of durable-functions or the same requests over undici; the host's own program, its journal on disk with
// fsync. Two rows of `npm run tool:bench`; alone: `node dist/bench/saga.js [seconds] [folder of another build]`.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildReport, HostUrls } from 'azure-local/supervisor/processes';
import { firstMessage } from './harness/forked-server';
import { rssMb } from './harness/process-usage';
import { reportRows } from './harness/row-program';
import { askSteadily, questionOf } from './harness/steady-asking';
import type { BenchRow } from './harness/table';

const IN_FLIGHT = 64;
const WARM_UP_MS = 3_000;
const [SECONDS = '5', BUILD = '.'] = process.argv.slice(2);
const APP = path.resolve('tools/bench/apps/started-saga');
const ROWS = [
  ['saga that a function waits for', '/api/sagas'],
  ['the same over undici', '/api/sagas-over-undici'],
] as const;

function startHost(dataDir: string): ChildProcess {
  const options = { dataDir, appRoot: APP, port: 0, verbose: false };
  return fork(path.resolve(BUILD, 'dist/local/host.js'), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function portOf(host: ChildProcess): Promise<number> {
  const report = await firstMessage<ChildReport<HostUrls>>(host, 'The host');
  if (report.kind === 'failed') throw new Error(report.reason);
  return Number(new URL(report.urls.api).port);
}

async function measured(name: string, route: string): Promise<BenchRow> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'saga-bench-'));
  const host = startHost(dataDir);
  const { pid = 0 } = host;
  const question = questionOf('POST', route, '{"order":7,"status":"completed"}', '{"order":7}');
  try {
    const asked = { pid, port: await portOf(host) };
    const seconds = Number(SECONDS);
    const many = await askSteadily(asked, question, {
      connections: IN_FLIGHT,
      seconds,
      warmUpMs: WARM_UP_MS,
    });
    const one = await askSteadily(asked, question, { connections: 1, seconds: seconds / 2, warmUpMs: 200 });
    return {
      name,
      perSecond: many.perSecond,
      oneAtATime: one.spread,
      inFlight: many.spread,
      cpuMs: { host: many.cpuMsEach },
      rssMb: { host: rssMb(pid) },
    };
  } finally {
    host.removeAllListeners('exit');
    host.kill('SIGKILL');
    rmSync(dataDir, { recursive: true });
  }
}

async function main(): Promise<void> {
  const rows: BenchRow[] = [];
  for (const [name, route] of ROWS) rows.push(await measured(name, route));
  reportRows(rows, IN_FLIGHT);
}

void main();
