// Builds what `npm pack` puts into the package: its programs, with its own modules in them and its dependencies outside.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const programs = path.join(root, 'src/cli');

rmSync(path.join(root, 'dist'), { recursive: true, force: true });
await build({
  entryPoints: readdirSync(programs).map((file) => path.join(programs, file)),
  outdir: path.join(root, 'dist'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
  logLevel: 'warning',
});
