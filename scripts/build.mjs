// Build: bundles the app (one file, what both hosts load) and the programs into dist/, if a source is newer. Files are
// replaced one by one and leftovers removed last, so that a running system can still restart its processes.
import { cpSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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

/**
 * What a process holds for life: V8 keeps the text of a bundle, so it has no white space. Names stay, and lines are short enough
 * for an error that shows one.
 */
const compact = { minifyWhitespace: true, lineLimit: 160 };

/** Exporters of traces: bundles that the app loads only where their settings are there. Nobody reads a map of them. */
const ofExporters = {
  // Written as require(): what V8 compiled of a file with an import() in it is not kept between starts.
  supported: { 'dynamic-import': false },
  sourcemap: false,
  minify: true,
  entryPoints: ['otlp', 'app-insights'].map((name) => path.join(root, `src/exporters/${name}.ts`)),
  outdir: path.join(dist, 'exporters'),
};

/** The platform's programs that every app uses as they are. */
const PLATFORM_PROGRAMS = ['app-worker', 'code-cache', 'host', 'host-process', 'reset'].map((name) =>
  path.join(root, `packages/azure-local/src/cli/${name}.ts`),
);
/** Folder of dist/ → folder whose files are programs. */
const TOOLS = {
  bench: 'tools/bench',
  chaos: 'tools/chaos/cli',
  crash: 'tools/crash/cli',
  fuzz: 'tools/fuzz',
};

/** Every file in `folder` that is a program of its own. */
const programs = (folder) =>
  readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(root, folder, file));

const builtMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether a file is newer than the build, or a folder, as one from which a file has been removed, or what is below it. */
function isNewer(entry) {
  const stats = statSync(entry);
  if (stats.mtimeMs > builtMs) return true;
  if (!stats.isDirectory()) return false;
  return readdirSync(entry).some((name) => name !== 'node_modules' && isNewer(`${entry}/${name}`));
}

if (SOURCES.some((source) => isNewer(path.join(root, source)))) await buildAll(new Date());

async function buildAll(startedAt) {
  const { build, stop } = await import('esbuild');
  const { sharedShapesPlugin } = await import('./shared-shapes.mjs');
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
      ...compact,
      plugins: [sharedShapesPlugin],
      entryPoints: [path.join(root, 'src/main.ts')],
      outfile: path.join(dist, 'main.js'),
      // The Functions worker (and the local host) supplies this module by intercepting `require`.
      external: ['@azure/functions-core'],
    }),
    build({ ...shared, ...ofExporters }),
    build({
      ...shared,
      ...compact,
      inject,
      plugins: [sharedShapesPlugin],
      entryPoints: [...programs('local/cli'), ...PLATFORM_PROGRAMS],
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
  // Its own process would live as long as the program that is started next.
  await stop();
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
  removeLeftovers(built);
  writeFileSync(stamp, '');
  // A source that was saved while this ran is newer than the build.
  utimesSync(stamp, startedAt, startedAt);
}

/** Also what a system that runs keeps of its code, and may be about to rename. */
function removeLeftovers(built) {
  const found = readdirSync(dist, { recursive: true }).map((name) => path.join(dist, name));
  for (const file of found) {
    const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
    if (isFile && !built.has(file)) rmSync(file, { force: true });
  }
}
