// Check of the programs that `npm start` does not need: those of Core Tools (func, azurite) and of Azure (az, azd).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ok, problem, type Finding } from './finding';

const TOOLS = [
  {
    name: 'func',
    purpose: 'running under Core Tools',
    get: 'npm i -g azure-functions-core-tools@4',
    isForAzure: false,
  },
  { name: 'azurite', purpose: 'running under Core Tools', get: 'npx azurite', isForAzure: false },
  { name: 'az', purpose: 'azd up', get: 'https://aka.ms/azure-cli', isForAzure: true },
  { name: 'azd', purpose: 'azd up', get: 'https://aka.ms/azd', isForAzure: true },
];

/** With `forAzure` a missing one is an error; without it is only mentioned. */
export function checkTools(forAzure: boolean, searchPath: string): Finding[] {
  const missing = TOOLS.filter(({ name }) => !isThere(name, searchPath));
  if (missing.length === 0) return [ok('tools', TOOLS.map(({ name }) => name).join(', '))];
  if (forAzure) {
    return missing.map(({ name, purpose, get }) =>
      problem('tools', `${name} is not in PATH; ${purpose} needs it`, `Get it: ${get}`),
    );
  }
  const lacking = missing.map(({ name, purpose, get }) => `${name} (${purpose}: ${get})`);
  return [ok('tools', `npm start needs none; not in PATH: ${lacking.join(', ')}`)];
}

function isThere(name: string, searchPath: string): boolean {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  return searchPath
    .split(path.delimiter)
    .some((folder) => endings.some((ending) => existsSync(path.join(folder, name + ending))));
}
