// Child process under supervision: its start, its restarts after a crash, its end. It knows no sibling.
//
// supervised-child.C1  A child that ends unasked is started again (restart-policy.ts), with the arguments that `launch`
//   then gives.
// supervised-child.C2  A first start that fails by its own account is not repeated: a busy port or a wrong setting
//   stays what it is.
// supervised-child.C3  After `stop` or `kill` nothing is started any more.
// supervised-child.C4  The end is taken from `close`, not `exit`: by then the child's last report has been read.
// supervised-child.C5  A child that ends because the disk takes no writes is started again for as long as that lasts.
// supervised-child.C6  A child that is started early loads its program meanwhile, and does nothing before `begin`.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Alarm, Clock } from '../kit/clock';
import { EARLY, StartError, type ChildName, type ChildOrder, type ChildReport } from './processes';
import { MAX_DELAY_MS, restartDelayMs } from './restart-policy';

export interface Launch {
  /** Path of the program; Node runs it. */
  readonly program: string;
  /** Path of what Node loads before it. */
  readonly preload?: string | undefined;
  /** It waits for `begin`. */
  readonly isEarly?: boolean;
  /** Handed over as one JSON argument. */
  readonly options: object;
  readonly environment: NodeJS.ProcessEnv;
}

export interface ChildSpec<Urls> {
  readonly name: ChildName;
  /** Asked anew at every start. */
  launch(): Launch;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** It serves: after the first start and after every restart. */
  onReady(urls: Urls, pid: number): void;
  /** It has ended, for whatever reason. */
  onEnd?(): void;
  /** It failed at its first start, or crashed too often, and will not come back. */
  onLost(reason: StartError): void;
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the child itself gave as the reason. */
  readonly failure: string | undefined;
  readonly isTemporary: boolean;
}

export class SupervisedChild<Urls> {
  private child: ChildProcess | undefined;
  private closed: Promise<void> = Promise.resolve();
  private restart: Alarm | undefined;
  private ended = false;
  private hasServed = false;
  private isWaiting = false;
  private readonly crashedAtMs: number[] = [];

  constructor(private readonly spec: ChildSpec<Urls>) {}

  /** Starts it; `onReady` or `onLost` follows. */
  start(): void {
    if (this.ended) return;
    const { program, preload, isEarly = false, options, environment } = this.spec.launch();
    const flags = preload === undefined ? [] : ['--require', preload];
    const waits = isEarly ? [EARLY] : [];
    const child = spawn(process.execPath, [...flags, program, JSON.stringify(options), ...waits], {
      env: environment,
      // No terminal input: Ctrl-C is the supervisor's to interpret.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child = child;
    this.isWaiting = isEarly;
    let failure: string | undefined;
    let isTemporary = false;
    child.on('error', (error) => (failure = error.message));
    child.on('message', (report: ChildReport<Urls>) => {
      if (report.kind === 'ready') this.noteReady(report.urls, child.pid);
      else ({ reason: failure, isTemporary = false } = report);
    });
    this.closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.child = undefined;
        this.spec.onEnd?.();
        this.noteEnd({ code, signal, failure, isTemporary });
        resolve();
      });
    });
  }

  /** Lets one that was started early begin, with what is added to its environment; one that has begun goes on. */
  begin(environment: NodeJS.ProcessEnv): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.order({ kind: 'begin', environment });
  }

  /** Asks it to end and, after `graceMs`, ends it; resolves when it is gone. Idempotent. */
  async stop(graceMs: number): Promise<void> {
    this.end();
    this.order({ kind: 'stop' });
    const { clock, name, print } = this.spec;
    const grace = clock.alarm(clock.now() + graceMs, () => {
      print(
        `${name} was not done after ${graceMs / 1000} s and is ended; the next start carries on from its data.`,
      );
      this.child?.kill('SIGKILL');
    });
    await this.closed;
    grace.cancel();
  }

  /** Ends it at once. Idempotent. */
  kill(): void {
    this.end();
    this.child?.kill('SIGKILL');
  }

  private order(order: ChildOrder): void {
    if (this.child?.connected === true) this.child.send(order, () => undefined);
  }

  private end(): void {
    this.ended = true;
    this.restart?.cancel();
  }

  private noteReady(urls: Urls, pid: number | undefined): void {
    if (this.ended || pid === undefined) return;
    this.hasServed = true;
    this.spec.onReady(urls, pid);
  }

  private noteEnd(ending: Ending): void {
    if (this.ended) return;
    if (this.hasServed || (ending.failure === undefined && ending.signal !== null)) {
      this.restartLater(ending);
    } else {
      this.lose(
        ending.failure ??
          `${this.spec.name} ended while it was starting (${describe(ending)}); the lines above say why.`,
      );
    }
  }

  private restartLater(ending: Ending): void {
    const { name, clock, print } = this.spec;
    this.crashedAtMs.push(clock.now());
    const delayMs =
      restartDelayMs(this.crashedAtMs, clock.now()) ?? (ending.isTemporary ? MAX_DELAY_MS : undefined);
    if (delayMs === undefined) {
      this.lose(`${name} keeps ending (last: ${describe(ending)}) and is given up; the lines above say why.`);
    } else {
      print(`${name} ended unexpectedly (${describe(ending)}); starting it again in ${delayMs} ms`);
      this.restart = clock.alarm(clock.now() + delayMs, () => this.start());
    }
  }

  private lose(reason: string): void {
    this.ended = true;
    this.spec.onLost(new StartError(reason));
  }
}

function describe({ code, signal, failure }: Ending): string {
  return failure ?? signal ?? `exit code ${code ?? 0}`;
}
