// What a process keeps of the code that it has compiled, and when it is used: each case is a process of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What makes a file large enough. */
const PADDING = `/* ${'.'.repeat(100_000)} */`;
const SOURCE = path.resolve(__dirname, '../../src/kit/code-cache.ts');

let folder: string;
let preload: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'code-cache-'));
  preload = path.join(folder, 'preload.js');
  program = path.join(folder, 'program.js');
  const entry = `exports.compileAhead = require(${JSON.stringify(SOURCE)}).cacheCode(${JSON.stringify(path.join(folder, 'kept'))});`;
  execFileSync(
    require.resolve('esbuild/bin/esbuild'),
    ['--bundle', '--platform=node', '--log-level=error', `--outfile=${preload}`],
    { input: entry, cwd: __dirname },
  );
});
beforeEach(() => rmSync(path.join(folder, 'kept'), { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string): void => writeFileSync(program, `${text}\n${PADDING}`);

/** All that the program says; what it compiled is kept at its end. */
function run(): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['--require', preload, program], {
    encoding: 'utf8',
  });
  return stdout + stderr;
}

const kept = (): string[] => {
  const names = readdirSync(path.join(folder, 'kept'));
  return names.map((name) => path.join(folder, 'kept', name));
};

test('a program finds its module as Node gives it, with the code kept and without', () => {
  write(
    "console.log(require.main === module, __filename, __dirname, this === exports, require('node:path').sep);",
  );
  const expected = `true ${program} ${folder} true ${path.sep}\n`;
  expect([run(), run()]).toEqual([expected, expected]);
  expect(kept()).toHaveLength(1);
});

test('what was kept is used as it is by the next start', () => {
  write("console.log('said')");
  run();
  const [file = ''] = kept();
  utimesSync(file, 1, 1);
  expect(run()).toBe('said\n');
  expect(statSync(file).mtimeMs).toBe(1_000);
});

test('code-cache.C1: a program that was changed runs as it is now, though it is as long as before', () => {
  write("console.log('one')");
  utimesSync(program, 1, 1);
  expect(run()).toBe('one\n');
  write("console.log('two')");
  utimesSync(program, 2, 2);
  expect([run(), run()]).toEqual(['two\n', 'two\n']);
  expect(kept()).toHaveLength(1);
});

test('code-cache.C1: a program as long as before and of the same mtime, as npm unpacks them, runs as it is now', () => {
  write("console.log('one')");
  utimesSync(program, 1, 1);
  expect(run()).toBe('one\n');
  write("console.log('two')");
  utimesSync(program, 1, 1);
  expect([run(), run()]).toEqual(['two\n', 'two\n']);
});

test.each([
  ['torn', (content: Buffer) => content.subarray(0, content.length - 100)],
  ['empty', () => Buffer.alloc(0)],
  ['another in one byte', (content: Buffer) => Buffer.concat([content.subarray(0, -1), Buffer.from('x')])],
])('code-cache.C1: what was kept and is %s is made anew', (_what, tear) => {
  write("console.log('said')");
  run();
  const [file = ''] = kept();
  const whole = readFileSync(file);
  const torn = tear(whole);
  writeFileSync(file, torn);
  expect(run()).toBe('said\n');
  expect(Math.abs(readFileSync(file).length - whole.length)).toBeLessThan(100);
  expect(readFileSync(file).equals(torn)).toBe(false);
});

test('code-cache.C2: where nothing can be kept the program runs', () => {
  writeFileSync(path.join(folder, 'kept'), 'a file in the place of the folder');
  write("console.log('said')");
  expect(run()).toBe('said\n');
});

test('code-cache.C2: a program with an import() can make it, and no warning is said', () => {
  write("void import('node:os').then(({ EOL }) => console.log(EOL === require('node:os').EOL));");
  expect(run()).toBe('true\n');
});

test('code-cache.C2: a program that is no JavaScript is refused in the words of Node', () => {
  write('const = 1;');
  expect(run()).toContain(`${program}:1\nconst = 1;`);
});

test('text beyond ASCII stays what it is', () => {
  write("console.log('größer — ☃')");
  expect([run(), run()]).toEqual(['größer — ☃\n', 'größer — ☃\n']);
});

test('a small file is not worth keeping', () => {
  mkdirSync(path.join(folder, 'kept'));
  writeFileSync(program, "console.log('small')");
  expect(run()).toBe('small\n');
  expect(kept()).toEqual([]);
});

test('code-cache.C3: what was compiled ahead is run when the file is required, unless the file has changed since', () => {
  const ahead = path.join(folder, 'ahead.js');
  const change = (said: string): string =>
    `require('node:fs').writeFileSync(${JSON.stringify(program)}, ${JSON.stringify(`console.log('${said}')\n${PADDING}`)});`;
  const load = `const compileAhead = require(${JSON.stringify(preload)}).compileAhead;`;
  const text = (between: string): string =>
    `${load}\ncompileAhead(${JSON.stringify(program)});\nconsole.log('compiled');\n${between}\nrequire(${JSON.stringify(program)});`;
  const runAhead = (between: string): string => {
    write("console.log('ran')");
    writeFileSync(ahead, text(between));
    return spawnSync(process.execPath, [ahead], { encoding: 'utf8' }).stdout;
  };
  expect(runAhead('')).toBe('compiled\nran\n');
  expect(runAhead(change('ran anew'))).toBe('compiled\nran anew\n');
});
