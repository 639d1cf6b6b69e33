// Checks of settings that warn and do not stop the start: names that it does not read, and hosts that cannot be
// looked up. Names only: a value may be a secret.
import { SETTINGS, type Config } from './config';

/** A prefix that is so near to one of ours is meant to be it. */
const PREFIX_TYPOS_AT_MOST = 2;

const NAMES = Object.values(SETTINGS).map(({ name }) => name);

/** Prefixes that only this app reads: connections are groups of settings that the Functions host reads too. */
const PREFIXES = [...new Set(NAMES.flatMap((name) => name.split(':').slice(0, -1)))].filter(
  (prefix) => !prefix.endsWith('Connection'),
);

/** One line for each name in `environment` that looks like a setting of this app and is none, with the nearest one. */
export function unknownSettings(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(environment)
    .filter((name) => isUnknown(name, environment))
    .map((name) => `the setting ${name} has no effect, nothing reads it: is ${nearestTo(name)} meant?`);
}

function isUnknown(name: string, environment: Readonly<Record<string, string | undefined>>): boolean {
  const plain = withColons(name);
  const [prefix = '', ...rest] = plain.split(':');
  if (rest.length === 0 || !PREFIXES.some((known) => isNear(known, prefix))) return false;
  const known = NAMES.find((candidate) => candidate.toLowerCase() === plain.toLowerCase());
  if (known === undefined) return true;
  // In another case it is read where names have none (Windows): there it is found under our name too.
  return environment[known] === undefined && environment[known.replaceAll(':', '__')] === undefined;
}

/** `OrderProcessing.X` and `OrderProcessing_X` are meant to be `OrderProcessing:X`. */
const withColons = (name: string): string => name.replace(/__|[._]/g, ':');

const isNear = (known: string, given: string): boolean =>
  Math.abs(known.length - given.length) <= PREFIX_TYPOS_AT_MOST &&
  editDistance(known.toLowerCase(), given.toLowerCase()) <= PREFIX_TYPOS_AT_MOST;

function nearestTo(name: string): string {
  const plain = withColons(name).toLowerCase();
  const far = (known: string): number => editDistance(known.toLowerCase(), plain);
  return NAMES.reduce((nearest, known) => (far(known) < far(nearest) ? known : nearest));
}

/** Insertions, deletions and changes of one character (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** One line for each setting of this app that Azure should have replaced by a secret and did not. */
export function unresolvedSecrets(environment: Readonly<Record<string, string | undefined>>): string[] {
  return NAMES.flatMap((name) => [name, name.replaceAll(':', '__')])
    .filter((name) => environment[name]?.startsWith('@Microsoft.KeyVault('))
    .map(
      (name) =>
        `the setting ${name} is a reference to a secret that could not be read, and counts as empty: does the secret exist, and may the app's identity read it?`,
    );
}

/** Resolves when the name of a host can be looked up. */
export type LookUpHost = (host: string) => Promise<unknown>;

/** One line for each endpoint in the settings whose host cannot be looked up. Never rejects. */
export async function unresolvedHosts(config: Config, lookUp: LookUpHost): Promise<string[]> {
  const lines = await Promise.all(
    hostsIn(config).map(async ([name, host]) => {
      try {
        await lookUp(host);
        return [];
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        return [`the setting ${name} names the host ${host}, which cannot be looked up (${code})`];
      }
    }),
  );
  return lines.flat();
}

function hostsIn(config: Config): (readonly [name: string, host: string])[] {
  const bus = config.serviceBusConnectionName;
  const urls: readonly (readonly [string, string | undefined])[] = [
    [SETTINGS.inventoryBaseUrl.name, config.inventoryBaseUrl],
    [SETTINGS.promotionBaseUrl.name, config.promotionBaseUrl],
    [SETTINGS.paymentBaseUrl.name, config.paymentBaseUrl],
    [SETTINGS.shippingBaseUrl.name, config.shippingBaseUrl],
    [SETTINGS.notificationBaseUrl.name, config.notificationBaseUrl],
    [SETTINGS.eventGridTopicEndpoint.name, config.eventGridTopicEndpoint],
    [SETTINGS.cosmosEndpoint.name, config.cosmosEndpoint],
    [SETTINGS.cosmosConnectionString.name, partOf(config.cosmosConnectionString, 'AccountEndpoint')],
    [bus, partOf(config.serviceBusConnectionString, 'Endpoint')],
    [`${bus}:fullyQualifiedNamespace`, `sb://${config.serviceBusNamespace}`],
  ];
  return urls.flatMap(([name, url]) => {
    const host = hostOf(url ?? '');
    return host === undefined ? [] : [[name, host] as const];
  });
}

function partOf(connectionString: string, key: string): string | undefined {
  return connectionString
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

/** Without the brackets of an IPv6 address; undefined where there is no host. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname === '' ? undefined : hostname.replace(/^\[|\]$/g, '');
}
