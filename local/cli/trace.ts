// Program behind `npm run trace -- <orderId>`: prints the traces of an order on the system that runs here, as a waterfall.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findRunning } from 'azure-local/supervisor/run-file';
import type { StoredSpan } from 'azure-local/telemetry/otlp-spans';
import { waterfall } from '../trace/waterfall';

const USAGE = `Usage: npm run trace -- [flags] <orderId>
  --data <folder>   the system that runs there (.local)
  --url <url>       a receiver of traces instead, such as that of npm run emulators
  --help            print this`;

const FLAGS = {
  data: { type: 'string', default: '.local' },
  url: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  const [orderId, ...more] = positionals;
  if (values.help || orderId === undefined || more.length > 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const receiver = values.url ?? findRunning(path.resolve(values.data))?.urls.telemetry;
  if (receiver === undefined) {
    console.error(
      `No system runs with the data in ${values.data}: start one with npm start, or name it with --data.`,
    );
    return 1;
  }
  const query = new URLSearchParams({ attribute: 'order.id', value: orderId });
  const response = await fetch(`${receiver}/control/spans?${query.toString()}`);
  if (!response.ok) throw new Error(`${receiver} answered ${response.status}: ${await response.text()}`);
  const { spans } = (await response.json()) as { readonly spans: readonly StoredSpan[] };
  if (spans.length === 0) {
    console.error(
      `No trace of order ${orderId}: spans arrive about a second after they end, and the oldest are forgotten.`,
    );
    return 1;
  }
  console.log(waterfall(spans));
  return 0;
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(1);
  },
);
