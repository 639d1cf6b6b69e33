// Starts the wire floor: a platform process as `npm start` has it, and the floor's program in place of the host.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildReport, PlatformUrls } from 'azure-local/supervisor/processes';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { FloorStart } from '../floor';
import { firstMessage } from '../harness/forked-server';
import type { OrderTarget } from '../harness/order-target';

export interface RunningFloor extends OrderTarget {
  readonly urls: PlatformUrls & { readonly api: string };
  stop(): Promise<void>;
}

const PROGRAMS = {
  platform: path.resolve('dist/local/platform.js'),
  floor: path.resolve('dist/bench/floor.js'),
};

const STDIO = ['ignore', 'ignore', 'inherit', 'ipc'] as const;

/** Resolves when it takes orders like the one of `events`. */
export async function startFloor(events: readonly EventEnvelope[]): Promise<RunningFloor> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'floor-'));
  const free = { cosmosPort: 0, servicesPort: 0, servicebusPort: 0, eventgridPort: 0, telemetryPort: 0 };
  const platform = fork(PROGRAMS.platform, [JSON.stringify({ dataDir, ...free })], { stdio: [...STDIO] });
  let floor: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    // At once: nobody wants the data.
    for (const child of [floor, platform]) await killed(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const report = await firstMessage<ChildReport<PlatformUrls>>(platform, 'The platform');
    if (report.kind === 'failed') throw new Error(`The platform does not start: ${report.reason}`);
    const { urls } = report;
    floor = fork(PROGRAMS.floor, [], { stdio: [...STDIO] });
    floor.send({ addresses: urls, events } satisfies FloorStart);
    const port = await firstMessage<number>(floor, 'The floor');
    return {
      urls: { ...urls, api: `http://127.0.0.1:${port}` },
      pids: { host: floor.pid ?? 0, platform: platform.pid ?? 0 },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a child, which may have ended by itself. */
async function killed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
}
