// Worker in a thread of its own, seen from the host: sends invocations to it and takes their results. The app then does
// not hold up the host's event loop, and its garbage is collected beside it.
//
// app-thread.W1  Messages of one direction arrive in the order in which they were sent: the lines of an invocation are in
//   the log before its end.
// app-thread.W2  When the thread ends by itself (an uncaught error, process.exit), the host process ends with that error,
//   as the platform starts such a worker anew; its supervisor starts the process again.
// app-thread.W3  One SIGKILL ends both.
// app-thread.W4  A thread may start before its host is complete; nothing of the app runs before the host begins it, with the
//   environment of that time.
import type { Worker } from 'node:worker_threads';
import type { HostLogger } from '../kit/log';
import { HostStartError } from './errors';
import type { AppWorker, InvocationResult } from './app-worker';
import type { BeginApp, FromApp, ToApp } from './app-thread-messages';
import { decodeThrown } from './thrown';
import { createTurnBatch, type TurnBatch } from './turn-batch';

type Started = FromApp & { readonly kind: 'started' };

interface Waiting {
  resolve(result: InvocationResult): void;
  reject(thrown: unknown): void;
}

/**
 * Starts the app in a thread that waits for it (app-thread-launch.ts).
 * @throws HostStartError when the app cannot be loaded, or has something that is not simulated.
 */
export async function startAppThread(thread: Worker, appRoot: string, log: HostLogger): Promise<AppWorker> {
  const app = new AppThread(thread, log);
  const begin: BeginApp = {
    kind: 'begin',
    appRoot,
    environment: { ...process.env },
    logFilter: log.filter,
  };
  thread.postMessage(begin);
  try {
    const { entryFile, functions } = await app.started;
    return {
      entryFile,
      functions,
      invoke: (order) => app.invoke(order),
      addArguments: (added) => app.send({ kind: 'arguments', added }),
      close: () => app.close(),
    };
  } catch (error) {
    await app.end();
    throw error;
  }
}

class AppThread {
  readonly started: Promise<Started>;
  private readonly orders: TurnBatch<ToApp>;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isEnding = false;
  private closing: Promise<void> | undefined;
  private onClosed: () => void = () => undefined;

  constructor(
    private readonly thread: Worker,
    private readonly log: HostLogger,
  ) {
    this.orders = createTurnBatch<ToApp>(
      (batch) => thread.postMessage(batch),
      (message, error) => this.notSent(message, error),
    );
    this.started = new Promise((resolve, reject) => {
      thread.on('message', (batch: readonly FromApp[]) => {
        for (const message of batch) this.take(message, resolve, reject);
      });
    });
    thread.on('error', (error) => this.fail(error));
    thread.on('exit', (code) => {
      if (!this.isEnding) this.fail(new Error(`The app has ended its worker with exit code ${code}.`));
    });
  }

  send(message: ToApp): void {
    this.orders.say(message);
  }

  invoke(order: Parameters<AppWorker['invoke']>[0]): Promise<InvocationResult> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: 'invoke', id, ...order });
    });
  }

  close(): Promise<void> {
    this.closing ??= new Promise<void>((resolve) => {
      this.onClosed = resolve;
      this.send({ kind: 'close' });
    }).then(() => this.end());
    return this.closing;
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    this.isEnding = true;
    await this.thread.terminate();
  }

  /** app-thread.W2. Thrown where nothing catches it, and when what the app has printed until then is out. */
  private fail(error: unknown): void {
    this.isEnding = true;
    setImmediate(() => {
      throw error;
    });
  }

  private take(
    message: FromApp,
    onStarted: (started: Started) => void,
    onRefused: (error: unknown) => void,
  ): void {
    switch (message.kind) {
      case 'ran':
        this.ended(message.id)?.resolve(message);
        return;
      case 'threw':
        this.ended(message.id)?.reject(decodeThrown(message.thrown));
        return;
      case 'log':
        this.write(message);
        return;
      case 'started':
        onStarted(message);
        return;
      case 'refused': {
        const error = decodeThrown(message.thrown) as Error;
        onRefused(message.isExpected ? new HostStartError(error.message, { cause: error.cause }) : error);
        return;
      }
      case 'closed':
        this.onClosed();
    }
  }

  private notSent(message: ToApp, error: unknown): void {
    if (message.kind === 'invoke') this.ended(message.id)?.reject(error);
    else this.fail(error);
  }

  private ended(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  private write({ level, category, message, error }: FromApp & { readonly kind: 'log' }): void {
    this.log.write(level, category, message, error === undefined ? undefined : decodeThrown(error));
  }
}
