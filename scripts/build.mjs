// Build: bundles the app (one file, what both hosts load) and the programs into dist/, if a source is newer. Files are
// replaced one by one and leftovers removed last, so that a running system can still restart its processes.
import { cpSync, existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAscii } from './ascii.mjs';
import { refuseCopies } from './single-copies.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built');
/** The Service Bus extension reads it at its first message, from beside the bundle. */
const SETTLEMENT_PROTO = 'node_modules/@azure/functions-extensions-servicebus/dist/proto/settlement.proto';
/** Before the programs, whose HTTP clients read the environment when they are loaded; the app's environment is its own. */
const inject = [path.join(root, 'scripts/past-proxies.mjs')];
const settlementProto = path.join(dist, 'proto/settlement.proto');
const SOURCES = [
  'src',
  'local',
  'packages',
  'tools',
  'test/support',
  'scripts',
  'package-lock.json',
  'tsconfig.json',
];

/** The web console: pages, built into what a browser loads. */
const CONSOLE = 'src/console';
const consolePage = path.join(dist, 'console/index.html');
const forBrowser = {
  platform: 'browser',
  target: 'es2022',
  format: 'esm',
  sourcemap: false,
  minify: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryPoints: { app: path.join(root, CONSOLE, 'main.tsx') },
  outdir: path.join(dist, 'console'),
};

/** Exporters of traces: bundles that the app loads only where their settings are there. Nobody reads a map of them. */
const ofExporters = {
  sourcemap: false,
  minify: true,
  entryPoints: ['otlp', 'app-insights'].map((name) => path.join(root, `src/exporters/${name}.ts`)),
  outdir: path.join(dist, 'exporters'),
};

/** Where the platform's programs are that every app uses as they are. */
const PLATFORM_PROGRAMS = 'packages/azure-local/src/cli';
/** Folder of dist/ → folder whose files are programs. */
const TOOLS = {
  bench: 'tools/bench',
  chaos: 'tools/chaos/cli',
  crash: 'tools/crash/cli',
  fuzz: 'tools/fuzz',
};

const filesIn = (entry) =>
  statSync(entry).isDirectory()
    ? readdirSync(entry, { recursive: true })
        .filter((name) => !name.includes('node_modules'))
        .map((name) => path.join(entry, name))
    : [entry];

/** Every file in `folder` that is a program of its own. */
const programs = (folder) =>
  readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, folder, file));

const newestMs = Math.max(
  ...SOURCES.flatMap((source) => filesIn(path.join(root, source))).map((file) => statSync(file).mtimeMs),
);
if (!existsSync(stamp) || statSync(stamp).mtimeMs < newestMs) await buildAll(new Date());

async function buildAll(startedAt) {
  const { build } = await import('esbuild');
  const shared = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: true,
    metafile: true,
    absWorkingDir: root,
    logLevel: 'warning',
  };
  const results = await Promise.all([
    build({
      ...shared,
      entryPoints: [path.join(root, 'src/main.ts')],
      outfile: path.join(dist, 'main.js'),
      // The Functions worker (and the local host) supplies this module by intercepting `require`.
      external: ['@azure/functions-core'],
    }),
    build({ ...shared, ...ofExporters }),
    build({
      ...shared,
      inject,
      entryPoints: [
        ...programs('local/cli'),
        ...['app-worker', 'host', 'reset'].map((name) => path.join(root, PLATFORM_PROGRAMS, `${name}.ts`)),
      ],
      outdir: path.join(dist, 'local'),
      entryNames: '[name]',
      // A native module: its prebuilt binary is found through node_modules.
      external: ['libsql'],
    }),
    build({ ...shared, ...forBrowser }),
    ...Object.entries(TOOLS).map(([name, folder]) =>
      build({
        ...shared,
        inject,
        entryPoints: programs(folder),
        outdir: path.join(dist, name),
        external: ['libsql'],
      }),
    ),
  ]);
  refuseCopies(results[0].metafile);
  cpSync(path.join(root, SETTLEMENT_PROTO), settlementProto);
  cpSync(path.join(root, CONSOLE, 'index.html'), consolePage);
  const built = new Set([
    settlementProto,
    consolePage,
    ...results
      .flatMap(({ metafile }) => Object.keys(metafile.outputs))
      .map((file) => path.resolve(root, file)),
  ]);
  for (const file of built) if (file.endsWith('.js')) makeAscii(file);
  for (const file of filesIn(dist)) {
    if (statSync(file).isFile() && !built.has(file)) rmSync(file);
  }
  writeFileSync(stamp, '');
  // A source that was saved while this ran is newer than the build.
  utimesSync(stamp, startedAt, startedAt);
}
