// Check of the proxies that the environment names. Their values may hold a password: only names leave this file.
import type { Environment } from 'azure-local/host/settings';
import { ok, type Finding } from './finding';

const NAMES = /^(?:https?|all)_proxy$/i;

export function checkProxies(environment: Environment): Finding[] {
  const named = Object.keys(environment).filter(
    (name) => NAMES.test(name) && (environment[name] ?? '') !== '',
  );
  if (named.length === 0) return [ok('proxies', 'the environment names none')];
  return [
    ok(
      'proxies',
      `${named.sort().join(', ')}: npm start, npm test and their tools go past them for this machine. ` +
        'func start does not: write 127.0.0.1,localhost into NO_PROXY for it',
    ),
  ];
}
