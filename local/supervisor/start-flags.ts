// The command line of `npm start`: one table says what is accepted, what the defaults are and what --help prints.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { STORAGE_MODES, type StorageMode } from '../durable/hub';
import type { Settings } from './settings';

export interface StartOptions {
  readonly port: number;
  readonly servicesPort: number;
  readonly eventgridPort: number;
  readonly cosmosPort: number;
  readonly servicebusPort: number;
  readonly dataDir: string;
  readonly appRoot: string;
  readonly settings: Settings;
  readonly useSettings: boolean;
  readonly keys: boolean;
  readonly storage: StorageMode;
  /** For --storage azure: how long what a killed host had taken stays hidden; 0 for what host.json says. */
  readonly visibilityMs: number;
  readonly verbose: boolean;
}

export type StartCommand =
  | { readonly kind: 'start'; readonly options: StartOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problem: string };

const FLAGS = {
  port: { type: 'string', default: '7071', sample: '<port>', help: 'HTTP API and durable management' },
  'services-port': {
    type: 'string',
    default: '7072',
    sample: '<port>',
    help: 'simulated downstream services',
  },
  'eventgrid-port': { type: 'string', default: '7073', sample: '<port>', help: 'Event Grid look-alike' },
  'cosmos-port': { type: 'string', default: '8081', sample: '<port>', help: 'Cosmos DB look-alike' },
  'servicebus-port': { type: 'string', default: '5672', sample: '<port>', help: 'Service Bus look-alike' },
  data: { type: 'string', default: '.local', sample: '<folder>', help: 'everything it keeps' },
  app: { type: 'string', default: '.', sample: '<folder>', help: 'the app: package.json and host.json' },
  set: {
    type: 'string',
    multiple: true,
    default: [] as string[],
    sample: '<Name=value>',
    help: 'an app setting; repeatable, ":" or "__"',
  },
  'use-settings': {
    type: 'boolean',
    default: false,
    sample: '',
    help: 'let local.settings.json replace the look-alikes',
  },
  keys: { type: 'boolean', default: false, sample: '', help: 'enforce function keys, as Azure does' },
  storage: {
    type: 'string',
    default: 'atomic',
    sample: '<mode>',
    help: 'of the task hub: atomic, or azure, as unkind as Azure Storage',
  },
  visibility: {
    type: 'string',
    sample: '<seconds>',
    help: 'what a killed host had taken is hidden so long, with --storage azure',
  },
  verbose: {
    type: 'boolean',
    default: false,
    sample: '',
    help: 'log all that host.json lets through, as func start does',
  },
  help: { type: 'boolean', default: false, sample: '', help: 'print this' },
} as const;

const PORTS = Object.keys(FLAGS).filter((name) => name === 'port' || name.endsWith('-port'));

/** Flags that give every port a free one, but for those named: for programs that start a system beside another. */
export const freePorts = (...but: readonly `--${string}`[]): string[] =>
  PORTS.filter((name) => !but.includes(`--${name}`)).flatMap((name) => [`--${name}`, '0']);

/** What --help prints. */
export function startUsage(): string {
  const lines = Object.entries(FLAGS).map(([name, flag]) => {
    const value = 'default' in flag && typeof flag.default === 'string' ? ` (${flag.default})` : '';
    return `  ${`--${name} ${flag.sample}`.padEnd(26)}${flag.help}${value}`;
  });
  return ['Usage: npm start -- [flags]   (a port of 0 takes a free one)', ...lines].join('\n');
}

/** Reads the flags; relative folders are taken from `cwd`. Never throws: what it cannot read is refused in a sentence. */
export function parseStartFlags(argv: readonly string[], cwd: string): StartCommand {
  try {
    const { values } = parseArgs({ args: [...argv], options: FLAGS, allowPositionals: false });
    if (values.help) return { kind: 'help' };
    return {
      kind: 'start',
      options: {
        port: parsePort('--port', values.port),
        servicesPort: parsePort('--services-port', values['services-port']),
        eventgridPort: parsePort('--eventgrid-port', values['eventgrid-port']),
        cosmosPort: parsePort('--cosmos-port', values['cosmos-port']),
        servicebusPort: parsePort('--servicebus-port', values['servicebus-port']),
        dataDir: path.resolve(cwd, values.data),
        appRoot: path.resolve(cwd, values.app),
        settings: Object.fromEntries(values.set.map(parseSetting)),
        useSettings: values['use-settings'],
        keys: values.keys,
        storage: parseStorage(values.storage),
        visibilityMs: parseVisibility(values.visibility, values.storage),
        verbose: values.verbose,
      },
    };
  } catch (error) {
    return { kind: 'refused', problem: (error as Error).message };
  }
}

/** A port from a flag; 0 takes a free one. @throws Error naming the flag. */
export function parsePort(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`${flag} takes a number from 0 to 65535, not "${text}".`);
  return port;
}

function parseStorage(text: string): StorageMode {
  const mode = STORAGE_MODES.find((known) => known === text);
  if (mode === undefined) throw new Error(`--storage takes ${STORAGE_MODES.join(' or ')}, not "${text}".`);
  return mode;
}

/** As short as renewals keep up with on a busy machine; Azure, and so host.json, takes no less than a minute. */
const LEAST_VISIBILITY_S = 3;

/** On this machine only, so that a crash need not be waited out for minutes. */
function parseVisibility(text: string | undefined, storage: string): number {
  if (text === undefined) return 0;
  if (storage !== 'azure')
    throw new Error('--visibility goes with --storage azure: only there messages are hidden.');
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < LEAST_VISIBILITY_S)
    throw new Error(`--visibility takes seconds, ${LEAST_VISIBILITY_S} or more, not "${text}".`);
  return seconds * 1_000;
}

function parseSetting(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--set takes Name=value, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
