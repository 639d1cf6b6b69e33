// Look-alike in a process of its own, so that client and server have a core each: its data is on disk, and it reports
// its CPU time and memory on request.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Journal } from 'azure-local/storage/journal';
import { cpuMs, rssMb } from './process-usage';
import { figure } from './table';

export interface Served {
  readonly address: string;
  close(): Promise<void>;
}

/** Runs in the child until its parent lets go of it, then removes the data. */
export async function serveForked(start: (journal: Journal) => Promise<Served>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const journal = new Journal(path.join(folder, 'data.db'));
  const server = await start(journal);
  process.once('disconnect', () => {
    void server
      .close()
      .then(() => journal.close())
      .then(() => rmSync(folder, { recursive: true }));
  });
  process.send?.(server.address);
}

export interface ForkedServer {
  readonly address: string;
  /** Prints one line: how many a second `run` did, and what they cost both sides. Gives what `run` gives. */
  measure(name: string, run: () => Promise<number>): Promise<number>;
  release(): void;
}

/** What a child says when it is ready; rejects when it ends without. */
export function firstMessage<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)}.`)));
  });
}

/** Starts `program` with the argument `serve`. */
export async function forkServer(program: string): Promise<ForkedServer> {
  const child = fork(program, ['serve']);
  const address = await firstMessage<string>(child, 'The server');
  const { pid = 0 } = child;
  return {
    address,
    async measure(name, run) {
      const [serverMs, clientMs, startedMs] = [cpuMs(pid), cpuMs(process.pid), performance.now()];
      const done = await run();
      const tookMs = performance.now() - startedMs;
      const rate = Math.round((done * 1_000) / tookMs).toString();
      const each = (ms: number): string => `${(ms / done).toFixed(3)} ms`;
      console.log(
        `${name.padEnd(26)} ${rate.padStart(6)}/s  CPU each: client ${each(cpuMs(process.pid) - clientMs)}, ` +
          `server ${each(cpuMs(pid) - serverMs)}; server ${figure(Math.round(rssMb(pid)))} MB`,
      );
      return done;
    },
    release: () => child.disconnect(),
  };
}

/** Has `workers` do one after the other until the time is over; gives how many were done. */
export async function doFor(
  seconds: number,
  workers: number,
  one: (index: number) => Promise<unknown>,
): Promise<number> {
  const untilMs = performance.now() + seconds * 1_000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      done += 1;
      await one(done - 1);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return done;
}
