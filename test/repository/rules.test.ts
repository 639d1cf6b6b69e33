// Rules are cited by name all over the repository: every name means one rule, and comments name nothing outside it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const FOLDERS = ['src', 'packages', 'local', 'tools', 'test', 'scripts', 'eslint', 'docs'];

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'golden'].includes(entry.name) ? [] : filesBelow(file);
    return /\.(?:ts|mjs|cjs|md)$/.test(entry.name) ? [file] : [];
  });
}

interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

const own = path.relative(root, __filename).replaceAll(path.sep, '/');
const sources: readonly Source[] = FOLDERS.flatMap(filesBelow)
  .filter((file) => file !== own)
  .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').split('\n') }));
const code = sources.filter(({ file }) => !file.endsWith('.md'));

/** `// relay.R1  Events of one order …`: a name, two spaces, and what holds. */
const DEFINITION = /^\s*(?:\/\/|\*) ([a-z][a-z-]*\.[A-Z]\d+) {2}\S/;
const NAMED = /(?<![\w./-])([a-z][a-z-]*\.[A-Z]\d{1,2})(?!\w)/g;
const UNNAMED = /(?<![\w.%/'&=#-])([A-Z]\d{1,2})(?![\w%/'&=-])/g;

/** The words of a line that people read and not the compiler: its comment, or the title of a test. */
function wordsOf(line: string, { file }: Source): string {
  const [, comment] = /^\s*(?:\/\/|\/?\*+)(.*)$/.exec(line) ?? / \/\/ (.*)$/.exec(line) ?? [];
  if (comment !== undefined) return comment.replaceAll(/`[^`]*`/g, '');
  const [, title] =
    /(?:test|describe|each\(.*\))\((['`].*)$/.exec(line) ?? /^\s*('[A-Z]\d.*: .*)$/.exec(line) ?? [];
  return title !== undefined && file.includes('test') ? title.replace(/^'/, '') : '';
}

function matchesIn(
  from: readonly Source[],
  pattern: RegExp,
): { readonly name: string; readonly at: string }[] {
  return from.flatMap((source) =>
    source.lines.flatMap((line, index) =>
      [...wordsOf(line, source).matchAll(pattern)].map(([, name = '']) => ({
        name,
        at: `${name} in ${source.file}:${index + 1}`,
      })),
    ),
  );
}

describe('the rules of the repository', () => {
  const definitions = code.flatMap(({ lines, file }) =>
    lines.flatMap((line) => {
      const name = DEFINITION.exec(line)?.[1];
      return name === undefined ? [] : [{ name, file }];
    }),
  );
  const ofTheSaga = [
    ...readFileSync(path.join(root, 'docs/architecture.md'), 'utf8').matchAll(/^- \*\*(S\d+)\*\* /gm),
  ].map(([, name = '']) => name);

  test('have one name each', () => {
    expect(definitions.length).toBeGreaterThan(100);
    const names = definitions.map(({ name }) => name);
    expect(definitions.filter(({ name }, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(ofTheSaga.filter((name, index) => ofTheSaga.indexOf(name) !== index)).toEqual([]);
  });

  test('are there when they are cited', () => {
    const known = new Set(definitions.map(({ name }) => name));
    const cited = matchesIn(code, NAMED);
    expect(cited.length).toBeGreaterThan(200);
    expect(cited.filter(({ name }) => !known.has(name)).map(({ at }) => at)).toEqual([]);
  });

  test('are cited by their whole name, but for those of the saga (docs/architecture.md)', () => {
    const known = new Set(['V8', ...ofTheSaga]);
    const cited = matchesIn(code, UNNAMED);
    expect(cited.filter(({ name }) => !known.has(name)).map(({ at }) => at)).toEqual([]);
  });
});

test('nothing in the repository cites what is outside it: a catalogue by number, a folder next to it', () => {
  const outside = /\b(?!UTF-)[A-Z]{3}-\d\d\b|\.\.\/shared\b/g;
  const found = sources.flatMap(({ file, lines }) =>
    lines.flatMap((line, index) =>
      [...line.matchAll(outside)].map(([what]) => `${what} in ${file}:${index + 1}`),
    ),
  );
  expect(found).toEqual([]);
});
