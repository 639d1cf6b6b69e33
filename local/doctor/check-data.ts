// Check of the data folder: which files are in it, whether they can be read, which processes run there, and whether
// there is space. The folder is left as it is; a database that may need repair is opened as a copy.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { stateOf } from 'azure-local/storage/database-file';
import { CHILDREN, databaseFile, foreignFiles } from 'azure-local/supervisor/data-folder';
import { isAlive } from 'azure-local/supervisor/process-life';
import { readRunFile } from 'azure-local/supervisor/run-file';
import { ok, problem, warning, type Finding } from './finding';
import { runningIn } from './running-in';

const CHECK = 'data folder';
const LOOKED_INTO_BYTES = 256 * 2 ** 20;
const GIGABYTE = 2 ** 30;
/** An order takes about 20 kB for good; a log grows to 16 MB before it is written back. */
const LITTLE_BYTES = GIGABYTE;
const TOO_LITTLE_BYTES = 64 * 2 ** 20;
const RESET = 'Put a copy back, or clear the folder with `npm run reset`.';
/** Time stamps are rounded, and clocks are set by a little all the time. */
const AHEAD_MS = 5_000;

export function checkData(dataDir: string): Finding[] {
  if (!existsSync(dataDir)) return [ok(CHECK, `${dataDir} is made at the first start`)];
  const isRunning = runningIn(dataDir) !== undefined;
  const findings = [
    ...CHILDREN.flatMap((name) => checkDatabase(databaseFile(dataDir, name), isRunning)),
    ...checkForeign(dataDir),
    ...(isRunning ? [] : checkRunFile(dataDir)),
  ];
  return findings.length > 0 ? findings : [ok(CHECK, dataDir)];
}

function checkForeign(dataDir: string): Finding[] {
  const foreign = foreignFiles(dataDir);
  if (foreign.length === 0) return [];
  return [
    warning(
      CHECK,
      `${dataDir} holds what is not this app's: ${foreign.join(', ')}; npm run reset will not clear it`,
      'Move those away, or name another folder with --data.',
    ),
  ];
}

function checkRunFile(dataDir: string): Finding[] {
  const run = readRunFile(dataDir);
  if (run === undefined) return [];
  const alive = Object.entries(run.pids).filter(([, pid]) => isAlive(pid));
  const left =
    alive.length === 0
      ? 'none of its processes runs'
      : `process ${alive.map(([, pid]) => pid).join(', ')} now belongs to another program`;
  return [
    warning(
      CHECK,
      `run.json was left by a system that was killed (process ${run.pids.supervisor}): ${left}`,
      'Nothing to do: it is not believed, and the next start replaces it.',
    ),
  ];
}

function checkDatabase(file: string, isRunning: boolean): Finding[] {
  const state = stateOf(file);
  if (state.kind === 'refused') return [problem(CHECK, `${file} cannot be used: ${state.problem}`, RESET)];
  if (state.kind === 'new' || isRunning || statSync(file).size > LOOKED_INTO_BYTES) return [];
  const damage = damageIn(file);
  return damage === undefined ? [] : [problem(CHECK, `${file} is damaged: ${damage}`, RESET)];
}

/** What SQLite finds in a copy of the database and its log. */
function damageIn(file: string): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'order-saga-doctor-'));
  try {
    const copy = path.join(folder, 'copy.db');
    for (const suffix of ['', '-wal', '-journal']) {
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    }
    const database = new Database(copy);
    try {
      const row = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string };
      return row.quick_check === 'ok' ? undefined : String(row.quick_check);
    } finally {
      database.close();
    }
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether there is space for what will be kept. */
export function checkSpace(dataDir: string): Finding {
  let folder = dataDir;
  while (!existsSync(folder)) folder = path.dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return judgeSpace(dataDir, bavail * bsize);
}

/** What so many free bytes mean. */
export function judgeSpace(dataDir: string, free: number): Finding {
  const message = `${(free / GIGABYTE).toFixed(1)} GB free for ${dataDir}`;
  const remedy = 'Free some space, or keep the data elsewhere with --data <folder>.';
  if (free < TOO_LITTLE_BYTES)
    return problem('disk', `${message}: orders would soon be refused with 503`, remedy);
  return free < LITTLE_BYTES ? warning('disk', message, remedy) : ok('disk', message);
}

/** Whether the clock has gone back: what waits for a moment would wait for longer. */
export function checkClock(dataDir: string, nowMs: number): Finding {
  const newestMs = Math.max(
    0,
    ...(existsSync(dataDir) ? readdirSync(dataDir) : []).map(
      (name) => statSync(path.join(dataDir, name)).mtimeMs,
    ),
  );
  if (newestMs <= nowMs + AHEAD_MS) return ok('clock', new Date(nowMs).toISOString());
  const seconds = Math.round((newestMs - nowMs) / 1_000);
  return warning(
    'clock',
    `it is ${seconds} s before the last change in ${dataDir}: timers and locks that are under way wait for so much longer`,
    'Set the clock (`timedatectl`, or `w32tm /resync`), or wait.',
  );
}
