// Program behind `npm run test:histories`: replays recorded histories, with --from those of a running system, and with
// --exported those that the app has exported, against the orchestrators of the built app. Exit code 1 names the sagas that a deployment of this build would break.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import { loadOrchestrators } from '../histories/built-app';
import { exportedIn } from '../histories/exported';
import { firstDifference, readRecording, recordingsIn } from '../histories/recordings';
import { instancesOf } from '../histories/running-instances';
import { differenceFromStatus, type InstanceStatus } from '../histories/status-history';
import { lookAlikeSettings } from '../app-settings';
import { hostEnvironment } from 'azure-local/supervisor/settings';

const USAGE = `Usage: npm run test:histories -- [flags]
  --histories <folder>  recorded histories (test/golden/histories)
  --exported <folder>   exported histories instead: a folder of .jsonl.gz files, or one of them
  --app <folder>        the built app: package.json with "main" (.)
  --from <url>          the unfinished instances of a running system instead, such as http://127.0.0.1:7071
  --code <key>          the system key of its Durable extension, on Azure
  --all                 with --from: its ended instances too
  --save <folder>       with --from or --exported: keeps each history there, unless it has it`;

const FLAGS = {
  histories: { type: 'string', default: 'test/golden/histories' },
  exported: { type: 'string' },
  app: { type: 'string', default: '.' },
  from: { type: 'string' },
  code: { type: 'string' },
  all: { type: 'boolean', default: false },
  save: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const ADVICE =
  'Instances that run would break. Give the change a new definition version (docs/saga-versions.md), and leave the old one as it is.';

/** Where look-alikes would be: the app asks for settings when it is loaded, and connects to nothing before it is called. */
const NOWHERE = 'http://127.0.0.1:9';
const SETTINGS = lookAlikeSettings({
  ...{ cosmos: NOWHERE, services: NOWHERE, eventgrid: NOWHERE },
  servicebus: 'sb://127.0.0.1:9',
});

interface Checked {
  readonly name: string;
  readonly difference: string | undefined;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: FLAGS });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  Object.assign(process.env, hostEnvironment(SETTINGS, process.env as Record<string, string>));
  const functions = loadOrchestrators(path.resolve(values.app));
  const { from, code, all, save, exported } = values;
  const checks =
    exported !== undefined
      ? each(functions, exportedIn(path.resolve(exported)), save)
      : from === undefined
        ? recorded(functions, path.resolve(values.histories))
        : each(functions, instancesOf({ url: from, ...(code === undefined ? {} : { code }) }, all), save);
  let count = 0;
  let broken = 0;
  for await (const { name, difference } of checks) {
    count += 1;
    if (difference === undefined) continue;
    broken += 1;
    console.error(`${name}: ${difference}`);
  }
  if (broken > 0) console.error(`${broken} of ${count} histories. ${ADVICE}`);
  else console.log(`${count} histories: the built app goes on with each as it was recorded.`);
  return broken > 0 ? 1 : 0;
}

async function* recorded(functions: DurableFunctionInvoker, folder: string): AsyncGenerator<Checked> {
  for (const name of recordingsIn(folder)) {
    const difference = await firstDifference(functions, readRecording(folder, name));
    yield { name: `${name}.json`, difference };
  }
}

async function* each(
  functions: DurableFunctionInvoker,
  instances: AsyncIterable<InstanceStatus> | Iterable<InstanceStatus>,
  save: string | undefined,
): AsyncGenerator<Checked> {
  for await (const status of instances) {
    if (save !== undefined) keep(save, status);
    yield {
      name: `${status.name} ${status.instanceId}`,
      difference: await differenceFromStatus(functions, status),
    };
  }
}

function keep(folder: string, status: InstanceStatus): void {
  const file = path.join(folder, `${status.instanceId}.json`);
  if (existsSync(file)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ what: status.instanceId, status }, undefined, 1)}\n`);
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(2);
  },
);
