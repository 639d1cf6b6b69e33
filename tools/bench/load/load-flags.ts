// Command line of `npm run tool:load`.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { numberOf, wholeNumberOf } from '../../../test/support/command-line';

export interface LoadOptions {
  /** Orders per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Where the API is; undefined: that of the system in `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  /** Sent as `x-functions-key`. */
  readonly key: string | undefined;
  readonly customers: number;
  /** Percent of the orders whose card is declined. */
  readonly failing: number;
  /** How long is waited, after the last order, for those that have not ended. */
  readonly drainSeconds: number;
  readonly isJson: boolean;
}

/** The least that is more than nothing. */
const LEAST = 0.001;

const FLAGS = {
  rate: { type: 'string', default: '20' },
  for: { type: 'string', default: '30' },
  url: { type: 'string' },
  data: { type: 'string', default: '.local' },
  key: { type: 'string' },
  customers: { type: 'string', default: '50' },
  failing: { type: 'string', default: '0' },
  drain: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
} as const;

export const LOAD_USAGE = `Usage: npm run tool:load -- [flags]
  --rate <n>       orders a second, sent when they are due whatever became of those before (20)
  --for <s>        for so many seconds (30)
  --url <url>      where the API is; without it, that of the system in --data
  --data <folder>  the data folder of a running \`npm start\` (.local)
  --key <key>      function key, where the API asks for one
  --customers <n>  spread over so many customers (50)
  --failing <n>    percent of the orders whose card is declined (0)
  --drain <s>      wait so long for orders that have not ended after the last was sent (60)
  --json           print the result as JSON
  --help           print this
Exit code 1 when an order was not accepted or has not ended.`;

/** Reads the flags; relative folders are taken from `cwd`. @throws Error with a sentence for what cannot be read */
export function parseLoadFlags(argv: readonly string[], cwd: string): LoadOptions {
  const { values } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false });
  return {
    rate: numberOf('--rate', values.rate, { from: LEAST, to: 10_000 }),
    seconds: numberOf('--for', values.for, { from: LEAST, to: 86_400 }),
    url: values.url === undefined ? undefined : urlOf(values.url),
    dataDir: path.resolve(cwd, values.data),
    key: values.key,
    customers: wholeNumberOf('--customers', values.customers, { from: 1 }),
    failing: numberOf('--failing', values.failing, { from: 0, to: 100 }),
    drainSeconds: numberOf('--drain', values.drain, { from: 0, to: 86_400 }),
    isJson: values.json,
  };
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new Error(`--url takes the address of the API, such as http://127.0.0.1:7071, not "${text}".`);
}
