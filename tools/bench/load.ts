// Program behind `npm run tool:load`: sends orders at a steady rate to a running system and reports what became of
// them.
import { wallClock } from 'azure-local/kit/clock';
import { findRunning } from 'azure-local/supervisor/run-file';
import { runCommand } from '../../test/support/command-line';
import { createHttpApi } from './load/http-api';
import { LOAD_USAGE, parseLoadFlags, type LoadOptions } from './load/load-flags';
import { isWhole, loadText, progressText, resultOf } from './load/load-report';
import { runOpenLoop, type LoadedOrder } from './load/open-loop';

const LINES_OF_PROGRESS = 20;

function apiOf({ url, dataDir }: LoadOptions): string | undefined {
  return url ?? findRunning(dataDir)?.urls.api;
}

async function load(options: LoadOptions): Promise<number> {
  const url = apiOf(options);
  if (url === undefined) {
    console.error(
      `No system that takes orders runs with the data in ${options.dataDir}. Start one with \`npm start\`, name its folder with --data, or its address with --url.`,
    );
    return 1;
  }
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

const command = {
  usage: LOAD_USAGE,
  read: (argv: readonly string[]) => parseLoadFlags(argv, process.cwd()),
  run: load,
};

void runCommand(command, process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
