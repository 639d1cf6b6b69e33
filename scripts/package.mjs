// Program behind `npm run package`: writes what is deployed to .deploy/. It runs without node_modules, as in Azure. Its
// host.json is made for the durable backend that DURABLE_BACKEND names: `storage` (unless set), or `scheduler`.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BACKENDS } from './deployed-host.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, '.deploy');
const CONTENT = {
  'dist/main.js': 'main.js',
  'dist/proto': 'proto',
  'dist/console': 'console',
  'dist/exporters': 'exporters',
};

const readJson = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const writeJson = (file, value) =>
  writeFileSync(path.join(target, file), `${JSON.stringify(value, null, 2)}\n`);

const backend = process.env.DURABLE_BACKEND || 'storage';
if (!Object.hasOwn(BACKENDS, backend)) {
  console.error(`DURABLE_BACKEND is "${backend}"; it must be ${Object.keys(BACKENDS).join(' or ')}.`);
  process.exit(1);
}

rmSync(target, { recursive: true, force: true });
for (const [from, to] of Object.entries(CONTENT)) {
  cpSync(path.join(root, from), path.join(target, to), { recursive: true });
}
writeJson('host.json', BACKENDS[backend](readJson('host.json')));
const { name, version, description, license, engines } = readJson('package.json');
writeJson('package.json', { name, version, private: true, description, license, engines, main: 'main.js' });
console.log(
  `Packaged for ${backend} in ${path.relative(process.cwd(), target) || '.'}: host.json, ${Object.values(CONTENT).join(', ')}, package.json`,
);
