// Finds the app settings that point away from this machine. Values may hold secrets: only names leave this file.
import type { Settings } from './settings';

/** Any scheme (`https`, `sb`, `amqp`, …) and its host, with or without user and port. */
const ENDPOINT = /[a-z][a-z0-9+.-]*:\/\/(?:[^@/;\s]*@)?(\[[^\]]*\]|[^:/;,\s]*)/gi;

/** Azure storage without an endpoint means the public cloud; so does an identity-based connection's namespace. */
const CLOUD_ACCOUNT = /(?:^|;)\s*AccountName=/i;
const CLOUD_SETTING = /__(?:fullyQualifiedNamespace|accountName)$/i;

/** Names of the settings that name an endpoint not on loopback. */
export function settingsBeyondLoopback(settings: Settings): string[] {
  return Object.entries(settings)
    .filter(([name, value]) => value !== '' && pointsAway(name, value))
    .map(([name]) => name);
}

function pointsAway(name: string, value: string): boolean {
  const hosts = [...value.matchAll(ENDPOINT)].map((match) => match[1] ?? '');
  if (hosts.length > 0) return !hosts.every(isLoopback);
  return CLOUD_ACCOUNT.test(value) || (CLOUD_SETTING.test(name) && !isLoopback(value));
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(host);
}
