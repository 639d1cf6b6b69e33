// Builds the app as another deployment would be, into a folder of its own: the sources of src/, except those that the
// variant's folder holds under the same path. Usage: node build.mjs <variant> <folder>
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const variants = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(variants, '../../..');
const source = path.join(root, 'src');
const [name = '', target = ''] = process.argv.slice(2);
const variant = path.join(variants, name);

/** A source asks for a source: the variant's own is given instead. What the variant itself asks for stays as it is. */
const replaced = {
  name: 'variant',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ resolveDir, path: wanted, importer }) => {
      if (importer.startsWith(variant)) return undefined;
      const own = path.join(variant, path.relative(source, path.resolve(resolveDir, wanted)) + '.ts');
      return existsSync(own) ? { path: own } : undefined;
    });
  },
};

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
for (const file of ['host.json', 'package.json']) cpSync(path.join(root, file), path.join(target, file));
