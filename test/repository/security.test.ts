// What docs/security.md says of threats: each row names a test that exists. And a rule of its table that the source can be
// searched for: secrets are compared in constant time.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const [, threats = ''] = read('docs/security.md').split('\n## Threats\n');
const rows = threats
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:Who|-)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('the threat model has rows, each with an attacker, an attack, a defence and a test', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((cells) => cells.length !== 4 || cells.includes(''))).toEqual([]);
});

test.each(rows.map(([who = '', what = '', , file = '']) => [who, what, file]))(
  '%s: %s is tried by a test that exists',
  (_who, _what, cell) => {
    const [, file = ''] = /^`([^`]+\.test\.ts)`$/.exec(cell) ?? [];
    expect(existsSync(path.join(root, file))).toBe(true);
    expect(read(file)).toMatch(/\btest(?:\.each)?\(|\btest\.each/);
  },
);

test('every file of the attack suite stands in the threat model', () => {
  const suite = readdirSync(path.join(root, 'test/unit/attacks')).map((name) => `test/unit/attacks/${name}`);
  expect(suite.filter((file) => !threats.includes(file))).toEqual([]);
});

/** Where keys, tokens and signatures of requests are checked. */
const CHECKS = [
  'src/identity/identify.ts',
  'packages/azure-local/src/kit/host-keys.ts',
  'packages/azure-local/src/kit/local-token.ts',
  'packages/azure-local/src/cosmos/auth.ts',
  'packages/azure-local/src/eventgrid/publish-api.ts',
];

test.each(CHECKS)('%s compares secrets in constant time', (file) => {
  const text = read(file);
  expect(text).toMatch(/timingSafeEqual|isSameSecret/);
  expect(text).not.toMatch(
    /(?:===|!==|\.includes\() ?\(?(?:keys?\.|topic\.key|given\)|settings\.operatorToken[^ ])/,
  );
});
