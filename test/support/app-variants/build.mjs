// Builds the app as another deployment would be, into a folder of its own: the sources of src/, except those that the
// variant's folder holds under the same path. Usage: node build.mjs <variant> <folder>
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const variants = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(variants, '../../..');
const source = path.join(root, 'src');
const [name = '', target = ''] = process.argv.slice(2);
const variant = path.join(variants, name);

/** A source asks for a source: the variant's own is given instead. What a variant itself asks for stays as it is. */
const replaced = {
  name: 'variant',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ resolveDir, path: wanted, importer }) => {
      if (importer.startsWith(variants)) return undefined;
      const own = path.join(variant, path.relative(source, path.resolve(resolveDir, wanted)) + '.ts');
      return existsSync(own) ? { path: own } : undefined;
    });
  },
};

/** The newest version that the variant has a table for. */
async function newestVersion() {
  const own = path.join(variant, 'saga/order/step-tables.ts');
  const tables = path.join(target, 'step-tables.mjs');
  const entry = existsSync(own) ? own : path.join(source, 'saga/order/step-tables.ts');
  await build({ entryPoints: [entry], outfile: tables, bundle: true, format: 'esm', logLevel: 'warning' });
  const { STEP_TABLES } = await import(pathToFileURL(tables).href);
  rmSync(tables);
  return Math.max(...Object.keys(STEP_TABLES).map(Number));
}

await build({
  entryPoints: [path.join(source, 'main.ts')],
  outfile: path.join(target, 'dist/main.js'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['@azure/functions-core'],
  plugins: [replaced],
  logLevel: 'warning',
});
cpSync(path.join(root, 'dist/proto'), path.join(target, 'dist/proto'), { recursive: true });
cpSync(path.join(root, 'package.json'), path.join(target, 'package.json'));
const hostJson = JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8'));
hostJson.extensions.durableTask.defaultVersion = `${await newestVersion()}.0`;
writeFileSync(path.join(target, 'host.json'), JSON.stringify(hostJson));
