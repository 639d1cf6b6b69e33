// Program behind `npm run package`: writes what is deployed to .deploy/. It runs without node_modules, as in Azure.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, '.deploy');
const CONTENT = { 'host.json': 'host.json', 'dist/main.js': 'main.js', 'dist/proto': 'proto' };

rmSync(target, { recursive: true, force: true });
for (const [from, to] of Object.entries(CONTENT)) {
  cpSync(path.join(root, from), path.join(target, to), { recursive: true });
}
const { name, version, description, license, engines } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);
const manifest = { name, version, private: true, description, license, engines, main: 'main.js' };
writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(
  `Packaged in ${path.relative(process.cwd(), target) || '.'}: ${Object.values(CONTENT).join(', ')}, package.json`,
);
