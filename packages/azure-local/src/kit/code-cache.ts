// Code cache of large CommonJS files: what V8 compiled of them in a start before is kept in a folder, so that later starts
// neither parse nor compile them again. It is what `module.enableCompileCache` does from Node.js 22 on, for all versions, and
// with the functions that a start has run in it.
//
// code-cache.C1  What was kept of another content, or by another Node.js, or is not what was kept, is not used and is made
//   anew.
// code-cache.C2  The file runs in any case: what cannot be read, kept or compiled here is Node's to load, and so is a file with
//   an import() in it, which a Script has no stable way to answer.
// code-cache.C3  What was compiled ahead is run only if the file has not changed since.
import { isAscii } from 'node:buffer';
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync, type Stats } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import { threadId } from 'node:worker_threads';

/** Smaller ones are parsed sooner than their cache is found. */
const AT_LEAST_BYTES = 65_536;
/** A start is over by then, and what it has run is compiled. A process that ends sooner keeps it when it ends. */
const KEEP_AFTER_MS = 3_000;
/** What is not kept yet. */
const unkept = new Map<string, () => void>();

/** The file as Node.js wraps it, put together as bytes: strings would be two more copies of a large text. */
const [WRAP_START, WRAP_END] = Module.wrap('\0')
  .split('\0')
  .map((text) => Buffer.from(text)) as [Buffer, Buffer];

type Run = (exports: unknown, require: NodeJS.Require, module: Module, file: string, folder: string) => void;
type Load = (module: Module, file: string) => void;

/** A file that was compiled before it is required. */
interface Ahead {
  readonly stamp: string;
  readonly script: Script;
}

/**
 * From here on large files that this thread requires are loaded with what is kept in `folder`. Returns what compiles a file
 * ahead, for one that is required later.
 */
export function cacheCode(folder: string): (file: string) => void {
  const { _extensions } = Module as unknown as { _extensions: Record<'.js', Load> };
  const load = _extensions['.js'];
  const ahead = new Map<string, Ahead>();
  process.once('exit', keepCode);
  _extensions['.js'] = (module, file) => {
    const script = takeAhead(ahead, file) ?? compile(file, folder)?.script;
    if (script === undefined) load(module, file);
    else {
      const run = script.runInThisContext() as Run;
      Reflect.apply(run, module.exports, [
        module.exports,
        createRequire(file),
        module,
        file,
        path.dirname(file),
      ]);
    }
  };
  return (file) => {
    const compiled = compile(file, folder);
    if (compiled !== undefined) ahead.set(file, compiled);
  };
}

/** What was compiled of the file that is there now. */
function takeAhead(ahead: Map<string, Ahead>, file: string): Script | undefined {
  const compiled = ahead.get(file);
  ahead.delete(file);
  if (compiled === undefined) return undefined;
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stampOf(stats) === compiled.stamp ? compiled.script : undefined;
}

/** Keeps what this thread has compiled so far of files that were not kept yet; for a thread, whose end says nothing. */
export function keepCode(): void {
  for (const [kept, keepNow] of unkept) {
    unkept.delete(kept);
    keepNow();
  }
}

/** Undefined for what Node.js loads as well, or has to say what is wrong with it. */
function compile(file: string, folder: string): Ahead | undefined {
  try {
    const stats = statSync(file);
    if (stats.size < AT_LEAST_BYTES) return undefined;
    const kept = path.join(folder, `${hash('sha256', file).slice(0, 16)}.code`);
    const stamp = stampOf(stats);
    const text = textOf(file);
    const cachedData = read(kept, stamp);
    // What is kept is of a file without one.
    if (cachedData === undefined && /\bimport ?\(/.test(text)) return undefined;
    const script = new Script(text, {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    if (script.cachedDataRejected !== false) {
      unkept.set(kept, () => keep(kept, stamp, script));
      setTimeout(keepCode, KEEP_AFTER_MS).unref();
    }
    return { stamp, script };
  } catch {
    return undefined;
  }
}

/** npm unpacks every version of a package with one and the same mtime; of V8's own checks the source's is its length. */
const stampOf = ({ size, mtimeMs, ctimeMs }: Stats): string =>
  `${size} ${mtimeMs} ${ctimeMs} ${process.version} ${process.arch}`;

function textOf(file: string): string {
  const bytes = Buffer.concat([WRAP_START, readFileSync(file), WRAP_END]);
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}

function read(kept: string, stamp: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(kept);
  } catch {
    return undefined;
  }
  const code = bytes.subarray(bytes.indexOf('\n') + 1);
  return bytes.subarray(0, -code.length).equals(headOf(stamp, code)) ? code : undefined;
}

/** With a digest of the code: V8 runs what it is given, though a byte of it has changed on the disk. */
const headOf = (stamp: string, code: Buffer): Buffer => Buffer.from(`${stamp} ${hash('sha1', code)}\n`);

/** Whole or not at all, as several processes keep the same. */
function keep(kept: string, stamp: string, script: Script): void {
  const unfinished = `${kept}.${process.pid}-${threadId}`;
  try {
    const code = script.createCachedData();
    mkdirSync(path.dirname(kept), { recursive: true });
    writeFileSync(unfinished, Buffer.concat([headOf(stamp, code), code]), { flush: true });
    renameSync(unfinished, kept);
  } catch {
    // The next start parses again.
  }
}
