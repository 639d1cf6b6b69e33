import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

/** Runs the check that ends the build, on the metafile of a bundle with these files. */
function check(...files: string[]): string {
  const metafile = { inputs: Object.fromEntries(files.map((file) => [file, {}])) };
  const script = `import { refuseCopies } from './scripts/single-copies.mjs';
    try { refuseCopies(${JSON.stringify(metafile)}); console.log('taken'); } catch (error) { console.log(error.message); }`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  }).trim();
}

const base = 'node_modules/@azure/functions-extensions-base/dist/index.js';
const nested = `node_modules/@azure/functions/${base}`;

describe('the build', () => {
  test('takes a bundle with one copy of what must be there once', () => {
    expect(check(base, 'node_modules/@azure/functions/dist/index.js', 'node_modules/long/index.js')).toBe(
      'taken',
    );
  });

  test.each([
    ['@azure/functions-extensions-base', [base, nested]],
    [
      '@azure/functions',
      [
        'node_modules/@azure/functions/x.js',
        'node_modules/durable-functions/node_modules/@azure/functions/x.js',
      ],
    ],
  ])('fails with two copies of %s, naming both folders and what to do', (name, files) => {
    const problem = check(...files);
    expect(problem).toContain(`2 copies of ${name}: `);
    for (const file of files) expect(problem).toContain(file.slice(0, file.lastIndexOf(name) + name.length));
    expect(problem).toContain('overrides');
  });

  test('leaves no character beyond ASCII in a bundle, and the program as it is', () => {
    const program = "/[А-Я]\u{1F600}/u.test('Ж😀') && /ß/.test('Straße') // größer";
    const script = `import { toAscii } from './scripts/ascii.mjs'; console.log(toAscii(${JSON.stringify(program)}));`;
    const plain = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(plain).toMatch(/^[\n\x20-\x7e]+$/);
    expect(runInNewContext(plain)).toBe(true);
  });

  test.each(['exporters/otlp.js', 'main.js'])(
    'makes no import() in %s, whose code could not be kept',
    (bundle) => {
      expect(readFileSync(`dist/${bundle}`, 'utf8')).not.toMatch(/\bimport ?\(/);
    },
  );

  test('installs one copy of each: the lock file has no second', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: object };
    for (const name of ['@azure/functions', '@azure/functions-extensions-base', 'rhea']) {
      expect(Object.keys(packages).filter((folder) => folder.endsWith(`node_modules/${name}`))).toHaveLength(
        1,
      );
    }
  });
});

describe('.funcignore', () => {
  const patterns = readFileSync('.funcignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`));

  test('leaves what npm run package takes, and nothing else, of all that is in the folder', () => {
    const built = ['main.js', 'proto', 'local', 'bench'].map((entry) => `dist/${entry}`);
    const entries = [...readdirSync('.').filter((entry) => entry !== 'dist'), ...built];
    const left = entries.filter((entry) => !patterns.some((pattern) => pattern.test(entry)));
    expect(left.sort()).toEqual(['dist/main.js', 'dist/proto', 'host.json', 'package.json']);
  });
});
