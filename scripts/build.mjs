// Bundles the app (one file, what both hosts load) and the local host's programs into dist/.
import { rmSync, readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');

/** Every file in `folder` that is a program of its own. */
const programs = (folder) =>
  existsSync(path.join(root, folder))
    ? readdirSync(path.join(root, folder))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => path.join(root, folder, file))
    : [];

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  logLevel: 'warning',
};

rmSync(dist, { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: [path.join(root, 'src/main.ts')],
    outfile: path.join(dist, 'main.js'),
    // The Functions worker (and the local host) supplies this module by intercepting `require`.
    external: ['@azure/functions-core'],
  }),
  build({
    ...shared,
    entryPoints: programs('local/cli'),
    outdir: path.join(dist, 'local'),
    // A native module: its prebuilt binary is found through node_modules.
    external: ['libsql'],
  }),
  build({
    ...shared,
    entryPoints: programs('test/bench'),
    outdir: path.join(dist, 'bench'),
    external: ['libsql'],
  }),
]);
