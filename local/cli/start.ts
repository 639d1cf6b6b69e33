// `npm start`: the whole system on this machine, until Ctrl-C.
import path from 'node:path';
import { wallClock } from '../clock';
import { StartError } from '../supervisor/processes';
import { onStopSignals } from '../supervisor/signals';
import { parseStartFlags, startUsage, type StartOptions } from '../supervisor/start-flags';
import { Supervisor } from '../supervisor/supervisor';

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;
const DRAIN_MS = 10_000;

async function start(options: StartOptions): Promise<void> {
  const supervisor = new Supervisor({
    options,
    programs: { platform: path.join(__dirname, 'platform.js'), host: path.join(__dirname, 'host.js') },
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

async function main(): Promise<number> {
  const command = parseStartFlags(process.argv.slice(2), process.cwd());
  if (command.kind === 'help') {
    console.log(startUsage());
    return 0;
  }
  if (command.kind === 'refused') {
    console.error(`${command.problem}\n\n${startUsage()}`);
    return EXIT_USAGE;
  }
  try {
    await start(command.options);
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

void main().then((exitCode) => process.exit(exitCode));
