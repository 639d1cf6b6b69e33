// Bench of a saga that a function starts and waits for: one HTTP function, an orchestration of three activities that do
// nothing, the client of durable-functions; the host's own program, its journal on disk with fsync. A row of
// `npm run tool:bench`; alone: `node dist/bench/saga.js [seconds] [folder of another build]`.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildReport, HostUrls } from 'azure-local/supervisor/processes';
import { firstMessage } from './harness/forked-server';
import { rssMb } from './harness/process-usage';
import { reportRows } from './harness/row-program';
import { askSteadily, questionOf } from './harness/steady-asking';

const IN_FLIGHT = 64;
const WARM_UP_MS = 3_000;
const [SECONDS = '5', BUILD = '.'] = process.argv.slice(2);
const APP = path.resolve('tools/bench/apps/started-saga');
const QUESTION = questionOf('POST', '/api/sagas', '{"order":7,"status":"completed"}', '{"order":7}');

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

async function main(): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'saga-bench-'));
  const host = startHost(dataDir);
  const { pid = 0 } = host;
  try {
    const asked = { pid, port: await portOf(host) };
    const seconds = Number(SECONDS);
    const many = await askSteadily(asked, QUESTION, {
      connections: IN_FLIGHT,
      seconds,
      warmUpMs: WARM_UP_MS,
    });
    const one = await askSteadily(asked, QUESTION, { connections: 1, seconds: seconds / 2, warmUpMs: 200 });
    const row = {
      name: 'saga that a function waits for',
      perSecond: many.perSecond,
      oneAtATime: one.spread,
      inFlight: many.spread,
      cpuMs: { host: many.cpuMsEach },
      rssMb: { host: rssMb(pid) },
    };
    reportRows([row], IN_FLIGHT);
  } finally {
    host.removeAllListeners('exit');
    host.kill('SIGKILL');
    rmSync(dataDir, { recursive: true });
  }
}

void main();
