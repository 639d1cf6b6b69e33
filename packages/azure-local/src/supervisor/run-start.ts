// Frame of a start program (`npm start`, `azure-local`): reads the flags and runs the supervisor in the foreground
// until Ctrl-C.
import { wallClock } from '../kit/clock';
import { makeDataFolder } from './data-folder';
import { StartError } from './processes';
import { onStopSignals } from './signals';
import { parseStartFlags, startUsage, type StartOptions } from './start-flags';
import { Supervisor, type SupervisedApp, type SupervisorParts } from './supervisor';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const DRAIN_MS = 10_000;

export interface StartProgram {
  /** How a person calls it, for --help. */
  readonly command: string;
  readonly programs: SupervisorParts['programs'];
  /** @throws StartError when the app cannot be run. */
  readonly app: (options: StartOptions) => SupervisedApp;
}

/** Runs the program and ends the process: 0 after a stop, 2 for flags that are not understood, 1 when it cannot start. */
export function runStart(program: StartProgram): void {
  void main(program).then((exitCode) => process.exit(exitCode));
}

async function main(program: StartProgram): Promise<number> {
  const command = parseStartFlags(process.argv.slice(2), process.cwd());
  if (command.kind === 'help') {
    console.log(startUsage(program.command));
    return 0;
  }
  if (command.kind === 'refused') {
    console.error(`${command.problem}\n\n${startUsage(program.command)}`);
    return EXIT_USAGE;
  }
  try {
    await start(program, command.options);
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function start({ programs, app }: StartProgram, options: StartOptions): Promise<void> {
  makeDataFolder(options.dataDir);
  const supervisor = new Supervisor({
    options,
    app: app(options),
    programs,
    clock: wallClock(),
    print: (line) => console.log(line),
    drainMs: DRAIN_MS,
  });
  onStopSignals(['SIGINT', 'SIGTERM'], {
    stop: () => {
      console.log('Stopping: what is in flight is finished first (Ctrl-C again ends at once)');
      supervisor.stop();
    },
    kill: () => {
      supervisor.kill();
      process.exit(EXIT_INTERRUPTED);
    },
  });
  // Only with a parent that gave it an IPC channel, such as a test: it must not outlive that parent.
  process.once('disconnect', () => supervisor.stop());
  await supervisor.run();
}
