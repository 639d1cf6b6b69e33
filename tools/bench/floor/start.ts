// Starts the wire floor: a platform process as `npm start` has it, and the floor's program in place of the host.
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { PlatformUrls } from 'azure-local/supervisor/processes';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { FloorStart } from '../floor';
import { firstMessage } from '../harness/forked-server';
import type { OrderTarget } from '../harness/order-target';
import { CHILD_STDIO, killed, startPlatform } from '../harness/platform-process';

export interface RunningFloor extends OrderTarget {
  readonly urls: PlatformUrls & { readonly api: string };
  stop(): Promise<void>;
}

const PROGRAM = path.resolve('dist/bench/floor.js');

/** Resolves when it takes orders like the one of `events`. */
export async function startFloor(events: readonly EventEnvelope[]): Promise<RunningFloor> {
  const platform = await startPlatform();
  let floor: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (floor !== undefined) await killed(floor);
    await platform.stop();
  };
  try {
    floor = fork(PROGRAM, [], { stdio: [...CHILD_STDIO] });
    floor.send({ addresses: platform.urls, events } satisfies FloorStart);
    const port = await firstMessage<number>(floor, 'The floor');
    return {
      urls: { ...platform.urls, api: `http://127.0.0.1:${port}` },
      pids: { host: floor.pid ?? 0, platform: platform.pid },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
