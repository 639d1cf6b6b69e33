// Builds the start program with stub children beside it, so that tests of the supervisor need neither an app nor the
// look-alikes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NEEDS_FILE } from '../src/supervisor/app-needs';
import { startSystem, type RunningSystem, type SystemOptions } from '../src/supervisor/running-system';

const PACKAGE = path.resolve(__dirname, '..');
const PROGRAMS = {
  start: 'src/cli/start.ts',
  reset: 'src/cli/reset.ts',
  'code-cache': 'src/cli/code-cache.ts',
  platform: 'testing/stub-platform.ts',
  host: 'testing/stub-host.ts',
};

/** The settings by which the stub host knows the platform. */
const SETTINGS = { PlatformUrl: '{eventgrid}', CosmosConnection: '{cosmos}', Told: 'by azure-local.json' };

export interface StubPrograms {
  /** Path of start.js; run it with `environment`. */
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  start(options?: SystemOptions): Promise<RunningSystem>;
  remove(): void;
}

/** Builds into a temporary folder. */
export function buildStubPrograms(): StubPrograms {
  const folder = mkdtempSync(path.join(tmpdir(), 'order-saga-stubs-'));
  const entries = Object.entries(PROGRAMS).map(([name, file]) => `${name}=${path.join(PACKAGE, file)}`);
  const flags = ['--bundle', '--platform=node', '--format=cjs', '--external:libsql', `--outdir=${folder}`];
  execFileSync(require.resolve('esbuild/bin/esbuild'), [...entries, ...flags, '--log-level=error']);
  writeFileSync(path.join(folder, NEEDS_FILE), JSON.stringify({ settings: SETTINGS }));
  const program = path.join(folder, 'start.js');
  const environment = { NODE_PATH: path.dirname(path.dirname(require.resolve('libsql'))) };
  return {
    program,
    environment,
    start: ({ args = [], ...options } = {}) => {
      const app = args.includes('--app') ? [] : ['--app', folder];
      return startSystem({ ...options, args: [...args, ...app], program, environment });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
