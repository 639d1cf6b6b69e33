// Program behind `npm run reset`: clears what the system on this machine keeps in its data folder.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clearDataFolder } from '../supervisor/data-folder';
import { settingsBeyondLoopback } from '../supervisor/loopback';
import { StartError } from '../supervisor/processes';
import { readLocalSettings } from '../supervisor/settings';

const USAGE = `Usage: npm run reset -- [flags]
  --data <folder>    the data folder to clear (.local)
  --use-settings     the system runs with --use-settings: refuse if local.settings.json points beyond this machine
  --app <folder>     where local.settings.json is (.)
  --help             print this`;

const FLAGS = {
  data: { type: 'string', default: '.local' },
  app: { type: 'string', default: '.' },
  'use-settings': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parseFlags(): ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values'] | undefined {
  try {
    return parseArgs({ options: FLAGS }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

function refuseBeyondLoopback(appRoot: string): void {
  const beyond = settingsBeyondLoopback(readLocalSettings(appRoot));
  if (beyond.length === 0) return;
  throw new StartError(
    `local.settings.json points beyond this machine (${beyond.join(', ')}), where data may belong to others. ` +
      'Nothing was removed; point these at emulators, or leave out --use-settings to clear the local data only.',
  );
}

function main(): number {
  const flags = parseFlags();
  if (flags === undefined) return 2;
  if (flags.help) {
    console.log(USAGE);
    return 0;
  }
  const dataDir = path.resolve(flags.data);
  try {
    if (flags['use-settings']) refuseBeyondLoopback(path.resolve(flags.app));
    const removed = clearDataFolder(dataDir);
    console.log(
      removed.length === 0 ? `Nothing to clear in ${dataDir}` : `Cleared ${dataDir}: ${removed.join(', ')}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

process.exitCode = main();
