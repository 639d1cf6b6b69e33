// What the platform and the host share as programs: options, lock, readiness, end. Alone, they talk to the terminal
// instead of a supervisor. It knows nothing of what they serve.
//
// V4  (supervisor.ts) When the IPC channel closes, the process ends at once; its Journal is made for that.
import { PortInUseError } from '../listen';
import { takeLock } from './locks';
import { StartError, type ChildName, type ChildReport } from './processes';
import { onStopSignals } from './signals';

/** What a child program has running. */
export interface RunningProgram<Urls> {
  readonly urls: Urls;
  /** Finishes what is in flight, then flushes and closes its Journal. */
  stop(): Promise<void>;
}

/** A process that was SIGKILLed a moment ago may still be on its way out, with its ports. */
const LOCK_WAIT_MS = 3_000;

/** Runs a child program; its options come as one JSON argument laid over `defaults`. */
export function runChildProgram<Options extends { readonly dataDir: string }, Urls extends object>(
  name: ChildName,
  defaults: Options,
  start: (options: Options) => Promise<RunningProgram<Urls>>,
): Promise<void> {
  return runProgram(name, () => readOptions(process.argv[2], defaults), start);
}

/** Runs a program from its start to its end, alone in its data folder; the process exits when it is over. */
export async function runProgram<Options extends { readonly dataDir: string }, Urls extends object>(
  name: ChildName,
  options: () => Options,
  start: (options: Options) => Promise<RunningProgram<Urls>>,
): Promise<void> {
  const isSupervised = process.send !== undefined;
  process.once('disconnect', () => process.exit(1));
  const stopRequest = new Promise<void>((resolve) => {
    // Ctrl-C reaches every process of the terminal; the order of the end is the supervisor's to decide.
    if (isSupervised) process.on('SIGINT', () => undefined);
    onStopSignals(isSupervised ? ['SIGTERM'] : ['SIGINT', 'SIGTERM'], {
      stop: resolve,
      kill: () => process.exit(130),
    });
  });
  try {
    const given = options();
    const lock = takeLock(given.dataDir, name, LOCK_WAIT_MS);
    if (lock === undefined) throw new StartError(`Another ${name} still uses the data in ${given.dataDir}.`);
    const program = await start(given);
    await report<Urls>(name, { kind: 'ready', urls: program.urls });
    await stopRequest;
    await program.stop();
    lock.release();
    process.exit(0);
  } catch (error) {
    await report<Urls>(name, { kind: 'failed', reason: reasonOf(error) });
    process.exit(1);
  }
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

/** A sentence for what was to be expected, the stack for what was not. */
function reasonOf(error: unknown): string {
  if (error instanceof StartError || error instanceof PortInUseError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
