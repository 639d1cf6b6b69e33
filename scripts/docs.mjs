// Program behind `npm run docs`: writes the generated parts of the documents, and the recorded API. With --check it changes
// nothing, prints what differs and ends with 1. tools/docs/pages.ts decides what is written, from the code itself.
// A change of the API that breaks callers is refused, unless --break-api says that it is meant.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
// Below node_modules, so that the packages it imports are found.
const program = path.join(root, 'node_modules', '.cache', `docs-${process.pid}.mjs`);

const OWN_PACKAGES = /^(azure-local|order-saga-simulators)\//;

const current = (file) => {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
};

/** Packages are loaded when the program runs; those of this repository are TypeScript and go into it. */
const packagesOutside = {
  name: 'packages-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[a-z@]/ }, ({ path: name }) =>
      OWN_PACKAGES.test(name) ? undefined : { path: name, external: true },
    );
  },
};

async function fromTheCode() {
  try {
    await build({
      entryPoints: [path.join(root, 'tools/docs/pages.ts')],
      outfile: program,
      bundle: true,
      plugins: [packagesOutside],
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    });
    const { brokenCallers, generatedPages } = await import(pathToFileURL(program).href);
    const options = await resolveConfig(path.join(root, 'README.md'));
    const pages = generatedPages(root).map(async ({ file, text }) => ({
      file,
      text: file.endsWith('.md') ? await format(text, { ...options, parser: 'markdown' }) : text,
    }));
    const changed = (await Promise.all(pages)).filter(({ file, text }) => text !== current(file));
    return { changed, broken: brokenCallers(root) };
  } finally {
    rmSync(program, { force: true });
  }
}

const check = process.argv.includes('--check');
const { changed, broken } = await fromTheCode();
if (broken.length > 0 && !process.argv.includes('--break-api')) {
  console.log(broken.join('\n'));
  console.log(
    'Keep the API as it was, or give it a new version; `npm run docs -- --break-api` records it all the same.',
  );
  process.exitCode = 1;
} else {
  for (const { file, text } of changed) {
    if (check) {
      console.log(`${file} is not what the code says: run \`npm run docs\``);
      process.exitCode = 1;
    } else {
      writeFileSync(path.join(root, file), text);
      console.log(`${file} is written`);
    }
  }
}
