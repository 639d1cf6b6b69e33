// `npm run load`: orders at a steady rate against a running system, and what became of them.
import { wallClock } from '../../local/clock';
import { StartError } from '../../local/supervisor/processes';
import { findRunning } from '../../local/supervisor/run-file';
import { createHttpApi } from './load/http-api';
import { LOAD_USAGE, parseLoadFlags, type LoadOptions } from './load/load-flags';
import { isWhole, loadText, progressText, resultOf } from './load/load-report';
import { runOpenLoop, type LoadedOrder } from './load/open-loop';

const LINES_OF_PROGRESS = 20;

/** @throws StartError when nothing runs there. */
function apiOf({ url, dataDir }: LoadOptions): string {
  const api = url ?? findRunning(dataDir)?.urls.api;
  if (api !== undefined) return api;
  throw new StartError(
    `No system that takes orders runs with the data in ${dataDir}. Start one with \`npm start\`, name its folder with --data, or its address with --url.`,
  );
}

async function load(options: LoadOptions): Promise<number> {
  const url = apiOf(options);
  const api = createHttpApi(url, options.key);
  const { rate, seconds, failing, customers } = options;
  console.error(
    `${rate} orders/s for ${seconds} s to ${url}, of ${customers} customers, ${failing} % of them to be declined`,
  );
  const orders: LoadedOrder[] = [];
  const startedMs = performance.now();
  const progress = setInterval(
    () => console.error(progressText((performance.now() - startedMs) / 1_000, orders)),
    Math.max(1, Math.ceil(seconds / LINES_OF_PROGRESS)) * 1_000,
  );
  await runOpenLoop(options, { api, clock: wallClock() }, orders);
  clearInterval(progress);
  const result = resultOf(orders);
  await api.close();
  console.log(options.isJson ? JSON.stringify(result, null, 2) : loadText(result));
  return isWhole(result) ? 0 : 1;
}

async function main(): Promise<number> {
  const command = parseLoadFlags(process.argv.slice(2), process.cwd());
  if (command.kind === 'help') {
    console.log(LOAD_USAGE);
    return 0;
  }
  if (command.kind === 'refused') {
    console.error(`${command.problem}\n\n${LOAD_USAGE}`);
    return 2;
  }
  try {
    return await load(command.options);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

void main().then((exitCode) => process.exit(exitCode));
