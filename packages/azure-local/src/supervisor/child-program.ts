// Frame of a child process (platform or host): options, lock, readiness, shutdown. Without a supervisor it talks to
// the terminal. It knows nothing of what the child serves.
//
// supervisor.V4: When the IPC channel closes, the process ends at once, as by SIGKILL: no request in flight is answered on
//   the way (http-server.H3 is for the app's own end). Its Journal is made for that.
// child-program.V5  When the disk refuses a write, the program stays up to refuse in its turn, and ends once the disk
//   takes writes: only a new process knows nothing that is not on disk (journal.J5).
// child-program.V6  A stop that is not done in time ends the process all the same, and says what it waited for.
import { createEnding, type Ending } from '../kit/ending';
import { PortInUseError } from '../kit/listen';
import type { Journal } from '../storage/journal';
import { StorageError, storageFault } from '../storage/storage-error';
import { databaseFile } from './data-folder';
import { takeLock } from './locks';
import { killNow } from './process-life';
import { EARLY, StartError, type ChildName, type ChildOrder, type ChildReport } from './processes';
import { onStopSignals } from './signals';

/** What a child program has running. */
export interface RunningProgram<Urls> {
  readonly urls: Urls;
  /** What it keeps its state in, and ends with (child-program.V5). */
  readonly journal?: Pick<Journal, 'failed' | 'canWrite'>;
  /**
   * Finishes what is in flight, then flushes and closes its Journal; `ending` gets what that waits for
   * (child-program.V6).
   */
  stop(ending: Ending): Promise<void>;
}

/** A process that was SIGKILLed a moment ago may still be on its way out, with its ports. */
const LOCK_WAIT_MS = 3_000;

/** Soon enough to say what is not done before a supervisor ends it. */
const STOP_WITHIN_MS = 9_500;

const TRY_DISK_EVERY_MS = 1_000;
/** EX_TEMPFAIL of sysexits.h: the same start may go well later. */
const EXIT_TRY_AGAIN = 75;

/** Runs a child program; its options come as one JSON argument laid over `defaults`. */
export function runChildProgram<Options extends { readonly dataDir: string }, Urls extends object>(
  program: ChildName,
  defaults: Options,
  start: (options: Options) => Promise<RunningProgram<Urls>>,
  nameOf?: (options: Options) => ChildName,
): Promise<void> {
  return runProgram(program, () => readOptions(process.argv[2], defaults), start, nameOf);
}

/**
 * Runs a program from its start to its end, the only one of its name in its data folder; the process exits when it is over.
 * `nameOf` tells those apart of which several may run.
 */
export async function runProgram<Options extends { readonly dataDir: string }, Urls extends object>(
  program: ChildName,
  options: () => Options,
  start: (options: Options) => Promise<RunningProgram<Urls>>,
  nameOf: (options: Options) => ChildName = () => program,
): Promise<void> {
  let name = program;
  const isSupervised = process.send !== undefined;
  process.on('uncaughtExceptionMonitor', (error) => process.stderr.write(uncaughtErrorText(name, error)));
  process.once('disconnect', () => killNow(process.pid));
  const begun = isSupervised && process.argv[3] === EARLY ? orderToBegin() : Promise.resolve();
  const stopRequest = new Promise<void>((resolve) => {
    if (!isSupervised) {
      onStopSignals(['SIGINT', 'SIGTERM'], { stop: resolve, kill: () => process.exit(130) });
      return;
    }
    // Ctrl-C, and a SIGTERM to the group, reach every process; the order of the end is the supervisor's to decide.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
    process.on('message', ({ kind }: ChildOrder) => {
      if (kind === 'stop') resolve();
    });
  });
  let file = '';
  // Nothing has begun that would have to end.
  if ((await Promise.race([begun, stopRequest.then(() => 'stop')])) === 'stop') process.exit(0);
  try {
    const given = options();
    name = nameOf(given);
    file = databaseFile(given.dataDir, name);
    const lock = takeLock(given.dataDir, name, LOCK_WAIT_MS);
    if (lock === undefined) throw new StartError(`Another ${name} still uses the data in ${given.dataDir}.`);
    const running = await start(given);
    await report<Urls>(name, { kind: 'ready', urls: running.urls });
    const fault = await Promise.race([stopRequest, running.journal?.failed ?? stopRequest]);
    if (fault !== undefined) await outlast(fault, name, running, stopRequest);
    const isDone = await stopInTime(name, running);
    lock.release();
    process.exit(isDone ? 0 : 1);
  } catch (error) {
    const fault = storageFault(error, file);
    const isTemporary = fault?.fault === 'unwritable';
    await report<Urls>(name, { kind: 'failed', reason: reasonOf(fault ?? error), isTemporary });
    process.exit(isTemporary ? EXIT_TRY_AGAIN : 1);
  }
}

/** supervised-child.C6. Resolves with the environment complete. */
function orderToBegin(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (order: ChildOrder) => {
      if (order.kind !== 'begin') return;
      Object.assign(process.env, order.environment);
      resolve();
    });
  });
}

/** child-program.V6. Whether everything has ended. */
async function stopInTime(name: ChildName, program: RunningProgram<object>): Promise<boolean> {
  const ending = createEnding();
  const deadline = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), STOP_WITHIN_MS));
  const isOver = await Promise.race([program.stop(ending).then(() => true), deadline]);
  const unfinished = ending.unfinished();
  if (isOver && unfinished.length === 0) return true;
  process.stderr.write(
    `${name}: not done in time: ${unfinished.join(', ') || 'its stop'}. It ends all the same; the next start carries on from its data.\n`,
  );
  return false;
}

/** child-program.V5. Returns when the process is to stop; throws when it is to start anew, or cannot. */
async function outlast<Urls extends object>(
  fault: StorageError,
  name: ChildName,
  program: RunningProgram<Urls>,
  stopRequest: Promise<void>,
): Promise<void> {
  if (fault.fault !== 'unwritable') throw fault;
  process.stderr.write(`${name}: ${fault.message} Until then it refuses everything.\n`);
  const stop = new AbortController();
  const stopped = stopRequest.then(() => stop.abort());
  await Promise.race([stopped, diskWrites(program, stop.signal)]);
  const isToStop = stop.signal.aborted;
  // What it cannot finish now is on disk as it was before.
  await stopInTime(name, program).catch(() => undefined);
  if (!isToStop) throw new StorageError('unwritable', 'the disk takes writes again; it begins from there');
}

/** Resolves once the disk takes writes again. One that hangs never answers. */
async function diskWrites({ journal }: RunningProgram<object>, stop: AbortSignal): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, TRY_DISK_EVERY_MS));
  while (!stop.aborted && (await journal?.canWrite()) === false);
}

/** Lays the JSON object in `text` over `defaults`; a key or a type that the defaults do not have is refused. */
export function readOptions<Options extends object>(text: string | undefined, defaults: Options): Options {
  const given = text === undefined ? {} : parseObject(text);
  const known = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries(given)) {
    if (!known.has(key)) {
      throw new StartError(`The option "${key}" is not one of ${[...known.keys()].join(', ')}.`);
    }
    if (typeof value !== typeof known.get(key)) {
      throw new StartError(
        `The option "${key}" is a ${typeof known.get(key)}, not ${JSON.stringify(value)}.`,
      );
    }
  }
  return { ...defaults, ...given };
}

function parseObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Refused below, with what is not an object.
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw new StartError(`The options are one JSON object, such as {"dataDir":".local"}, not: ${text}`);
}

function report<Urls extends object>(name: ChildName, message: ChildReport<Urls>): Promise<void> {
  if (process.send === undefined) {
    const lines =
      message.kind === 'failed'
        ? [message.reason]
        : Object.entries(message.urls).map(([what, url]) => `${what} ${String(url)}`);
    for (const line of lines) process.stderr.write(`${name}: ${line}\n`);
    return Promise.resolve();
  }
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

/** What is said before Node.js shows the stack of an error that nothing caught, and ends the process. */
function uncaughtErrorText(name: ChildName, error: unknown): string {
  const like = name !== 'platform' ? ', as it ends the worker process of an app on Azure' : '';
  return (
    `${name}: an error that nothing caught ends this process${like}: ${String(error)}. ` +
    'Its stack follows; the next start carries on from the data.\n'
  );
}

/** A sentence for what was to be expected, the stack for what was not. */
function reasonOf(error: unknown): string {
  const isSentence =
    error instanceof StartError || error instanceof PortInUseError || error instanceof StorageError;
  if (isSentence) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
