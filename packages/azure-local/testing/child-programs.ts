// Fixture for programs of the tests that run in processes of their own: bundled once per test file, ready at their
// first IPC message, and removed with the file.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

export interface ChildProgram<Ready> {
  readonly child: ChildProcess;
  /** What it said when it was ready. */
  readonly ready: Ready;
  /** Everything it has printed so far. */
  readonly output: () => string;
}

const tests = path.resolve(__dirname, '../test');
/** Where the modules are that a bundle leaves outside. */
export const MODULES = path.dirname(path.dirname(require.resolve('libsql')));
const folder = mkdtempSync(path.join(tmpdir(), 'order-saga-child-'));
const children = new Set<ChildProcess>();
const APP_THREAD = '../src/cli/app-worker';
const bundles = new Map<string, string>();

/** Ends what the tests of a file have started, and removes their files; for `afterAll`. */
export function removeChildren(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Starts a program of test/ (`storage/journal-child`) and resolves with its first message; rejects with `failed` of that message, or with
 * its output when it ends without one.
 */
export async function startChild<Ready extends object>(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildProgram<Ready>> {
  const child = fork(bundleOf(program), args, {
    env: { PATH: process.env['PATH'], NODE_PATH: MODULES, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (message: Ready & { failed?: string }) =>
      message.failed === undefined ? resolve(message) : reject(new Error(message.failed)),
    );
    child.once('exit', (code) => reject(new Error(`${program} ended with ${String(code)}: ${output}`)));
  });
  return { child, ready, output: () => output };
}

/** The built host program, for tests that start it as a process; it needs `MODULES` as its NODE_PATH. */
export function hostProgram(): string {
  bundleOf('../src/cli/host-process');
  return bundleOf('../src/cli/host');
}

/** The program of the app's thread. */
export const appThreadProgram = (): string => bundleOf(APP_THREAD);

/** Beside every program lies the one that a function host starts as the thread of its app. */
function bundleOf(program: string): string {
  const built = bundles.get(program);
  if (built !== undefined) return built;
  if (program !== APP_THREAD) bundleOf(APP_THREAD);
  const outfile = path.join(folder, `${path.basename(program)}.js`);
  buildSync({
    entryPoints: [path.join(tests, `${program}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['libsql'],
  });
  bundles.set(program, outfile);
  return outfile;
}
