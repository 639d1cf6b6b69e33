// Starts of this app and its peers in turns: from the start of the command to the first completed order, on the data of
// the start before, on an idle and on a busy machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { readRunFile } from 'azure-local/supervisor/run-file';
import { freePorts } from 'azure-local/supervisor/start-flags';
import { createOrderRunner } from '../harness/order-run';
import { overHttp, type OrderTarget } from '../harness/order-target';
import { said } from './child-process';
import { preparePeer, type PeerName } from './peer';

/** One start to the first completed order, in ms; what was started has ended again. */
export interface Starter {
  readonly name: string;
  readonly start: () => Promise<number>;
  readonly remove: () => Promise<void>;
}

/** The next customer's number: the data is that of the starts before, and so are orders in it. */
let nextIndex = 0;

async function firstOrder(target: OrderTarget, startedMs: number): Promise<number> {
  const bus = new ServiceBusClient(emulatorBusConnection(target.urls.servicebus));
  const runner = createOrderRunner(target, bus, (nextIndex += 1));
  try {
    const { completedAtMs } = await runner.run(overHttp(target), 1, 1);
    return completedAtMs - startedMs;
  } finally {
    runner.close();
    await bus.close();
  }
}

/** `npm start`, as a person types it, after a build. */
export async function ourStarter(): Promise<Starter> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-start-'));
  return {
    name: 'npm start',
    async start() {
      const startedMs = Date.now();
      const command = ['start', '--', ...freePorts(), '--data', dataDir];
      const child = spawn('npm', command, { stdio: ['ignore', 'pipe', 'inherit'] });
      await said(child, child.stdout, /^Ready: /m, 'npm start');
      const run = readRunFile(dataDir);
      if (run === undefined) throw new Error(`npm start left no run.json in ${dataDir}.`);
      const tookMs = await firstOrder(run, startedMs);
      const closed = once(child, 'close');
      process.kill(run.pids.supervisor, 'SIGTERM');
      await closed;
      return tookMs;
    },
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

/** A peer's process alone, or with the servers that hold its data. Its simulated services are up in both cases. */
export async function peerStarter(peerName: PeerName, isWithServers: boolean): Promise<Starter> {
  const peer = await preparePeer(peerName);
  return {
    name: isWithServers ? `${peerName} with its servers` : `${peerName}, its servers up`,
    async start() {
      if (isWithServers) await peer.stopServers();
      const startedMs = Date.now();
      if (isWithServers) await peer.startServers();
      const app = await peer.startApp();
      const tookMs = await firstOrder(app, startedMs);
      await app.stop();
      return tookMs;
    },
    remove: () => peer.remove(),
  };
}

/** Keeps as many cores busy as are asked for, until the work is done. */
export async function whileBusy<T>(cores: number, work: () => Promise<T>): Promise<T> {
  const spinners = Array.from({ length: cores }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  try {
    return await work();
  } finally {
    for (const spinner of spinners) spinner.kill('SIGKILL');
  }
}
