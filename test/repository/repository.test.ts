// What must not be in the repository: keys that open anything, and listeners that can be reached from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';

const root = path.resolve(__dirname, '../..');
/** What is never committed, and lock files: their hashes look like keys. */
const LEFT_OUT = ['.git', ...readFileSync(path.join(root, '.gitignore'), 'utf8').split('\n')]
  .map((line) => line.replace(/\/$/, ''))
  .concat('package-lock.json', 'packages.lock.json', 'bin', 'obj');

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.includes(name))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(file) : entry.isFile() ? [file] : [];
    });
}

/** Also those of `npm run check:secrets`, which looks at the history. */
const { secrets, allowed } = JSON.parse(
  readFileSync(path.join(root, 'scripts/secret-patterns.json'), 'utf8'),
) as {
  readonly secrets: readonly (readonly [what: string, pattern: string])[];
  readonly allowed: Readonly<Record<string, string>>;
};

function secretsIn(text: string): string[] {
  return secrets.flatMap(([what, pattern]) =>
    [...text.matchAll(new RegExp(pattern, 'g'))]
      .filter(([found]) => !Object.values(allowed).includes(found) && !isContinuationToken(found))
      .map(() => what),
  );
}

/** The recorded task hub pages by an instance id in base64; a key is random bytes. */
function isContinuationToken(found: string): boolean {
  return /^[0-9a-f]{32}$/.test(Buffer.from(found, 'base64').toString('latin1'));
}

describe('the repository', () => {
  const files = filesBelow('.');

  test('has no program under test with its usual ports, which a running system holds: freePorts() knows them all', () => {
    const own = path.relative(root, __filename);
    const listed = files.filter(
      (file) =>
        /^test\/.*\.ts$/.test(file) &&
        file !== own &&
        /-port',\s*'0'/.test(readFileSync(path.join(root, file), 'utf8')),
    );
    expect(listed).toEqual([]);
  });

  test('holds no secret; the only key in it is the one that every Cosmos DB emulator publishes', () => {
    const found = files.flatMap((file) =>
      secretsIn(readFileSync(path.join(root, file), 'utf8')).map((what) => `${what} in ${file}`),
    );
    expect(found).toEqual([]);
    expect(Object.values(allowed)).toEqual([EMULATOR_KEY]);
  });

  test.each([
    ['an account key', `AccountKey=${'Ab1+'.repeat(21)}Ab==`],
    ['a Service Bus or Event Grid key', `SharedAccessKey=${'Ab1+'.repeat(10)}Ab1=`],
    ['a shared access signature', `https://a.example/?sv=1&sig=${'Ab1'.repeat(10)}`],
    ['a client secret', `abc8Q~${'x'.repeat(34)}`],
    ['a token', `ghp_${'a'.repeat(36)}`],
    ['a private key', ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')],
  ])('would not get away with %s', (what, text) => {
    expect(secretsIn(text)).toEqual([what]);
  });

  test('opens listeners in one place, on loopback; only the program of the container image takes another address', () => {
    const opening = /\.listen\(\s*(?:\{|0\b|port\b)|\bBun\.serve|\bcreateSocket\(/;
    const sources = files.filter((file) => /^(?:src|local|packages\/[\w-]+\/src)\/.*\.ts$/.test(file));
    const openers = sources.filter((file) => opening.test(readFileSync(path.join(root, file), 'utf8')));
    expect(openers).toEqual(['packages/azure-local/src/kit/listen.ts']);
    const naming = (call: RegExp): string[] =>
      sources.filter((file) => call.test(readFileSync(path.join(root, file), 'utf8')));
    expect(readFileSync(path.join(root, 'packages/azure-local/src/kit/listen.ts'), 'utf8')).toContain(
      "listenOn('127.0.0.1', server,",
    );
    expect(naming(/\blistenOn\(/)).toEqual([
      'packages/azure-local/src/kit/listen.ts',
      'packages/simulators/src/server.ts',
    ]);
    expect(naming(/values\.host\b/)).toEqual(['local/cli/simulators.ts']);
  });
});
