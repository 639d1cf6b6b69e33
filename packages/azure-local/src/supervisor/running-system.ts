// Starts the whole system from a program (the demo, a bench, a test) as a person would: `dist/local/start.js` on free
// ports with a data folder of its own. The system ends with that program in any case, because it holds an IPC channel
// to it.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../kit/until';
import { isAlive, killNow } from './process-life';
import type { ChildName } from './processes';
import { readRunFile, type RunFile } from './run-file';
import { freePorts } from './start-flags';

export interface SystemOptions {
  /** Kept after `stop`; without it a temporary folder that goes with `stop`. */
  readonly dataDir?: string;
  /** App settings, as with --set. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further flags. */
  readonly args?: readonly string[];
  /** Another build of start.js. */
  readonly program?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** How long a start, also after a kill, may take; two minutes unless given. */
  readonly readyWithinMs?: number;
}

export interface RunningSystem {
  /** Where it listens now; other ports after `restart`. */
  readonly urls: RunFile['urls'];
  readonly pids: RunFile['pids'];
  readonly dataDir: string;
  /** Ends it with SIGTERM if it still runs and cleans up; the exit code, null after a SIGKILL. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when those processes are gone. What the supervisor survives, it starts again: see `recovered`. */
  kill(what: ChildName | 'all'): Promise<void>;
  /** Resolves when every process that was killed serves again. */
  recovered(): Promise<void>;
  /** Starts it again on the same data, after a stop in order if it still runs. */
  restart(): Promise<void>;
  /** What it has written to stdout and stderr, over all its starts. */
  output(): string;
}

/** Programs are started from the project's root, as npm does. */
const START_PROGRAM = path.resolve('dist/local/start.js');
const READY_LINE = /^Ready: /m;

/** Starts a system and resolves at its `Ready:` line; rejects with its output if that does not come. */
export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'order-saga-')));
  const system = new StartedSystem(dataDir, options);
  try {
    await system.start();
  } catch (error) {
    await system.stop();
    throw new Error(`${(error as Error).message}; it said:\n${system.output()}`, { cause: error });
  }
  return system;
}

class StartedSystem implements RunningSystem {
  private supervisor: ChildProcess | undefined;
  private closed: Promise<number | null> = Promise.resolve(null);
  private run: RunFile | undefined;
  private said = '';
  private readonly killedPids = new Set<number>();

  constructor(
    readonly dataDir: string,
    private readonly options: SystemOptions,
  ) {}

  get urls(): RunFile['urls'] {
    return this.current().urls;
  }

  get pids(): RunFile['pids'] {
    return this.current().pids;
  }

  output(): string {
    return this.said;
  }

  async start(): Promise<void> {
    const { program = START_PROGRAM, settings = {}, args = [], environment = {} } = this.options;
    const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const argv = [program, ...freePorts(), '--data', this.dataDir, ...set, ...args];
    const supervisor = spawn(process.execPath, argv, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
    });
    this.supervisor = supervisor;
    this.closed = new Promise((resolve) => supervisor.once('close', resolve));
    const saidBefore = this.said.length;
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.said += chunk));
    }
    const isReady = (): boolean => {
      if (supervisor.exitCode !== null) throw new Error(`It ended with exit code ${supervisor.exitCode}`);
      return READY_LINE.test(this.said.slice(saidBefore));
    };
    await until('the system is ready', isReady, this.options.readyWithinMs);
  }

  async stop(): Promise<number | null> {
    const code = await this.end();
    if (this.options.dataDir === undefined) await rm(this.dataDir, { recursive: true, force: true });
    return code;
  }

  async kill(what: ChildName | 'all'): Promise<void> {
    const { supervisor, ...children } = this.pids;
    const pids = what === 'all' ? Object.values(children) : [this.pidOf(what)];
    if (what === 'all') killNow(supervisor);
    for (const pid of pids) {
      this.killedPids.add(pid);
      killNow(pid);
    }
    if (what === 'all') await this.closed;
    else await until(`${what} is gone`, () => !pids.some(isAlive));
  }

  async recovered(): Promise<void> {
    const isServing = (): boolean => Object.values(this.pids).every((pid) => !this.killedPids.has(pid));
    await until('every killed process serves again', isServing, this.options.readyWithinMs);
  }

  async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  private pidOf(name: ChildName): number {
    const pid = this.pids[name];
    if (pid === undefined)
      throw new Error(`There is no ${name}: run.json has ${Object.keys(this.pids).join(', ')}.`);
    return pid;
  }

  private end(): Promise<number | null> {
    this.supervisor?.kill('SIGTERM');
    return this.closed;
  }

  private current(): RunFile {
    this.run = readRunFile(this.dataDir) ?? this.run;
    if (this.run === undefined) throw new Error('The system has never been ready: it has no run.json.');
    return this.run;
  }
}
