// Where the app follows its promises: an AsyncLocalStorage in use costs every promise of the process, of which an order has some
// 2,400, and a second one makes each of them larger.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

test('only tracing has an AsyncLocalStorage: an app without an exporter uses none', () => {
  const users = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .filter((file) =>
      /\bnew AsyncLocalStorage\b|\bcreateHook\(/.test(readFileSync(path.join('src', file), 'utf8')),
    );
  expect(users).toEqual([path.join('telemetry', 'traces', 'active-span.ts')]);
});
