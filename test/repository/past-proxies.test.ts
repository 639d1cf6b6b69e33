// What scripts/past-proxies.mjs makes of an environment, in a process of its own.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const script = path.resolve(__dirname, '../../scripts/past-proxies.mjs');
const LOOPBACK = '127.0.0.1,localhost,::1,[::1]';

const after = (env: Record<string, string>): unknown =>
  JSON.parse(
    execFileSync(
      process.execPath,
      ['--import', script, '-p', 'JSON.stringify([process.env.NO_PROXY, process.env.no_proxy])'],
      { env, encoding: 'utf8' },
    ),
  );

test.each<[string, Record<string, string>, [string, string]]>([
  ['nothing', {}, [LOOPBACK, LOOPBACK]],
  [
    'a list',
    { NO_PROXY: 'a.example, b.example' },
    [`a.example,b.example,${LOOPBACK}`, `a.example,b.example,${LOOPBACK}`],
  ],
  [
    'two lists, one with loopback',
    { NO_PROXY: 'a.example', no_proxy: '127.0.0.1' },
    ['a.example,127.0.0.1,localhost,::1,[::1]', 'a.example,127.0.0.1,localhost,::1,[::1]'],
  ],
  ['no proxy for anything', { no_proxy: '*' }, [`*,${LOOPBACK}`, '*']],
])('of %s in NO_PROXY come both spellings with loopback in them', (_what, env, expected) => {
  expect(after(env)).toEqual(expected);
});
