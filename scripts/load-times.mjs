// Program behind `npm run tool:cold-start`: measures what each package adds to a cold start, and what the app's whole
// bundle takes. Each is bundled alone, as scripts/build.mjs bundles the app, and required in fresh processes; the
// table shows the median.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const RUNS = 5;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(path.join(tmpdir(), 'load-times-'));

/** Prints the milliseconds and the memory that requiring the bundle took. */
const PROBE = `
  // The Functions worker supplies this module; the app must not be able to tell.
  const { Module } = require('node:module');
  const load = Module._load;
  const ignore = () => ({ dispose() {} });
  Module._load = function (request, ...rest) {
    if (request !== '@azure/functions-core') return load.call(this, request, ...rest);
    return { version: '1', hostVersion: '4', registerHook: ignore, registerFunction: ignore, Disposable: class {},
      setProgrammingModel() {}, getProgrammingModel() {}, log() {} };
  };
  const rss = process.memoryUsage.rss();
  const started = performance.now();
  require(process.argv[1]);
  const ms = performance.now() - started;
  console.log(JSON.stringify({ ms, mb: (process.memoryUsage.rss() - rss) / 2 ** 20 }));
  process.exit();`;

/** Settings with which the app loads; nothing is called. */
const SETTINGS = {
  OrderProcessing__CosmosConnectionString: 'AccountEndpoint=http://127.0.0.1:8081/;AccountKey=none;',
  ServiceBusConnection: 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=none;SharedAccessKey=none;',
  OrderProcessing__EncryptionKey: '.local/app.key',
  InventoryService__BaseUrl: 'http://127.0.0.1:1',
  PromotionService__BaseUrl: 'http://127.0.0.1:1',
  PaymentService__BaseUrl: 'http://127.0.0.1:1',
  ShippingService__BaseUrl: 'http://127.0.0.1:1',
  NotificationService__BaseUrl: 'http://127.0.0.1:1',
};

async function bundle(name, contents) {
  const outfile = path.join(folder, `${name.replaceAll(/\W/g, '-')}.js`);
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@azure/functions-core'],
    logLevel: 'error',
  });
  return outfile;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function measure(file) {
  const env = { ...process.env, ...SETTINGS };
  const runs = Array.from({ length: RUNS }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', PROBE, file], { env, encoding: 'utf8' })),
  );
  return {
    loadMs: Math.round(median(runs.map(({ ms }) => ms))),
    memoryMb: Math.round(median(runs.map(({ mb }) => mb))),
    bundleKb: Math.round(statSync(file).size / 1_024),
  };
}

const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
try {
  const rows = {};
  for (const name of Object.keys(dependencies)) {
    rows[name] = measure(await bundle(name, `module.exports = require('${name}');`));
  }
  rows['the whole app'] = measure(await bundle('app', `require('./src/main.ts');`));
  console.table(rows);
  console.log(
    `Medians of ${RUNS} on Node.js ${process.versions.node}. @azure/identity is in the app's bundle but is`,
  );
  console.log('loaded only when there is no connection string: it is not in the time of the whole app.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
