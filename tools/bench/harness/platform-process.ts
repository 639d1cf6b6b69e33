// Starts a platform process as `npm start` has it (look-alikes and simulated services), with nobody to use it yet.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChildReport, PlatformUrls } from 'azure-local/supervisor/processes';
import { firstMessage } from './forked-server';

export interface RunningPlatform {
  readonly urls: PlatformUrls;
  readonly pid: number;
  /** Ends it at once and removes its data: nobody wants them. */
  stop(): Promise<void>;
}

const PROGRAM = path.resolve('dist/local/platform.js');

/** How the bench's children are started: what they say to stderr is shown. */
export const CHILD_STDIO = ['ignore', 'ignore', 'inherit', 'ipc'] as const;

export async function startPlatform(): Promise<RunningPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-platform-'));
  const free = { cosmosPort: 0, servicesPort: 0, servicebusPort: 0, eventgridPort: 0, telemetryPort: 0 };
  const child = fork(PROGRAM, [JSON.stringify({ dataDir, ...free })], { stdio: [...CHILD_STDIO] });
  const stop = async (): Promise<void> => {
    await killed(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const report = await firstMessage<ChildReport<PlatformUrls>>(child, 'The platform');
    if (report.kind === 'failed') throw new Error(`The platform does not start: ${report.reason}`);
    return { urls: report.urls, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a child, which may have ended by itself. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
}
