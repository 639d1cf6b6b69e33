// Command line of `npm start`: one table says what is accepted, what the defaults are and what --help prints.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { STORAGE_MODES, type StorageMode } from '../durable/hub';
import { HOSTS_AT_MOST } from './data-folder';
import type { Settings } from './settings';

export interface StartOptions {
  readonly port: number;
  readonly servicesPort: number;
  readonly eventgridPort: number;
  readonly telemetryPort: number;
  readonly cosmosPort: number;
  readonly servicebusPort: number;
  readonly dataDir: string;
  readonly appRoot: string;
  /** The app of the second host and so on, where it is another build; a host beyond the last of them runs `appRoot`. */
  readonly otherApps: readonly string[];
  readonly settings: Settings;
  readonly useSettings: boolean;
  readonly keys: boolean;
  readonly storage: StorageMode;
  /** For --storage azure: how long what a killed host had taken stays hidden; 0 for what host.json says. */
  readonly visibilityMs: number;
  readonly verbose: boolean;
  /** How many function hosts run behind the one port. */
  readonly hosts: number;
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
  'telemetry-port': { type: 'string', default: '4318', sample: '<port>', help: 'takes traces (OTLP/HTTP)' },
  'cosmos-port': { type: 'string', default: '8081', sample: '<port>', help: 'Cosmos DB look-alike' },
  'servicebus-port': { type: 'string', default: '5672', sample: '<port>', help: 'Service Bus look-alike' },
  data: { type: 'string', default: '.local', sample: '<folder>', help: 'everything it keeps' },
  app: {
    type: 'string',
    multiple: true,
    default: ['.'] as string[],
    sample: '<folder>',
    help: 'the app: package.json and host.json; repeatable, a build for each host',
  },
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
    help: 'with --storage azure: what a killed host had taken is hidden so long, activities twice',
  },
  verbose: {
    type: 'boolean',
    default: false,
    sample: '',
    help: 'log all that host.json lets through, as func start does',
  },
  hosts: {
    type: 'string',
    default: '1',
    sample: '<n>',
    help: 'function hosts behind the one port; several imply --storage azure',
  },
  help: { type: 'boolean', default: false, sample: '', help: 'print this' },
} as const;

const PORTS = Object.keys(FLAGS).filter((name) => name === 'port' || name.endsWith('-port'));

/** Flags that give every port a free one, but for those named: for programs that start a system beside another. */
export const freePorts = (...but: readonly `--${string}`[]): string[] =>
  PORTS.filter((name) => !but.includes(`--${name}`)).flatMap((name) => [`--${name}`, '0']);

/** What --help prints for a program that is called by `command`. */
export function startUsage(command: string): string {
  const lines = Object.entries(FLAGS).map(([name, flag]) => {
    const [given] = 'default' in flag ? [flag.default].flat() : [];
    const value = typeof given === 'string' ? ` (${given})` : '';
    return `  ${`--${name} ${flag.sample}`.padEnd(26)}${flag.help}${value}`;
  });
  return [`Usage: ${command} [flags]   (a port of 0 takes a free one)`, ...lines].join('\n');
}

/** Reads the flags; relative folders are taken from `cwd`. Never throws: what it cannot read is refused in a sentence. */
export function parseStartFlags(argv: readonly string[], cwd: string): StartCommand {
  try {
    const { values, tokens } = parseArgs({
      args: [...argv],
      options: FLAGS,
      allowPositionals: false,
      tokens: true,
    });
    if (values.help) return { kind: 'help' };
    const isStorageGiven = tokens.some((token) => token.kind === 'option' && token.name === 'storage');
    const hosts = parseHosts(values.hosts);
    const storage = storageOf(hosts, isStorageGiven ? parseStorage(values.storage) : undefined);
    return {
      kind: 'start',
      options: {
        port: parsePort('--port', values.port),
        servicesPort: parsePort('--services-port', values['services-port']),
        eventgridPort: parsePort('--eventgrid-port', values['eventgrid-port']),
        telemetryPort: parsePort('--telemetry-port', values['telemetry-port']),
        cosmosPort: parsePort('--cosmos-port', values['cosmos-port']),
        servicebusPort: parsePort('--servicebus-port', values['servicebus-port']),
        dataDir: path.resolve(cwd, values.data),
        ...parseApps(values.app, hosts, cwd),
        settings: Object.fromEntries(values.set.map(parseSetting)),
        useSettings: values['use-settings'],
        keys: values.keys,
        storage,
        visibilityMs: parseVisibility(values.visibility, storage),
        verbose: values.verbose,
        hosts,
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

/** Two builds on one platform are two releases, as in the middle of a deployment. */
function parseApps(
  folders: readonly string[],
  hosts: number,
  cwd: string,
): Pick<StartOptions, 'appRoot' | 'otherApps'> {
  const [first = '.', ...others] = folders;
  if (others.length >= hosts)
    throw new Error(`--app is given ${folders.length} times for ${hosts} host(s): raise --hosts.`);
  return { appRoot: path.resolve(cwd, first), otherApps: others.map((folder) => path.resolve(cwd, folder)) };
}

function parseStorage(text: string): StorageMode {
  const mode = STORAGE_MODES.find((known) => known === text);
  if (mode === undefined) throw new Error(`--storage takes ${STORAGE_MODES.join(' or ')}, not "${text}".`);
  return mode;
}

/** Several hosts share a hub, which one process alone has open in the mode `atomic`. */
function storageOf(hosts: number, given: StorageMode | undefined): StorageMode {
  if (hosts === 1) return given ?? 'atomic';
  if (given !== 'atomic') return 'azure';
  throw new Error(
    `--hosts ${hosts} goes with --storage azure only, which it implies: a hub of the mode atomic belongs to one host. Leave --storage out.`,
  );
}

function parseHosts(text: string): number {
  const hosts = /^\d+$/.test(text) ? Number(text) : 0;
  if (hosts >= 1 && hosts <= HOSTS_AT_MOST) return hosts;
  throw new Error(`--hosts takes a number from 1 to ${HOSTS_AT_MOST}, not "${text}".`);
}

/** As short as renewals keep up with on a busy machine; Azure, and so host.json, takes no less than a minute. */
const LEAST_VISIBILITY_S = 3;

/** On this machine only, so that a crash need not be waited out for minutes. */
function parseVisibility(text: string | undefined, storage: StorageMode): number {
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
