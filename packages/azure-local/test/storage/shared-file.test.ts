// One database file that several processes make and open at the same moment, as hosts of one system do.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
import { MODULES } from '../../testing/child-programs';

const ROOT = path.resolve(__dirname, '../..');
const PROCESSES = 4;
const ROUNDS = 5;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-file-'));
  program = path.join(folder, 'open.cjs');
  await build({
    stdin: {
      contents: `import { SharedFile } from './src/storage/shared-file';
        const file = new SharedFile(process.argv[2] ?? '');
        file.schema('CREATE TABLE IF NOT EXISTS rows (pid INTEGER)');
        const insert = file.statement('INSERT INTO rows VALUES (?)');
        void Promise.all(Array.from({ length: 20 }, () => file.commit(() => insert.run(process.pid))))
          .then(() => file.commit(() => file.statement('SELECT count(*) AS n FROM rows').get()))
          .then((row) => console.log(row.n))
          .then(() => file.close());`,
      resolveDir: ROOT,
      loader: 'ts',
    },
    outfile: program,
    bundle: true,
    platform: 'node',
    external: ['libsql'],
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('processes that make and open the same file at once all write to it', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const file = path.join(folder, `${round}.db`);
    const env = { ...process.env, NODE_PATH: MODULES };
    const outcomes = await Promise.all(
      Array.from({ length: PROCESSES }, () => run(process.execPath, [program, file], { env })),
    );
    expect(Math.max(...outcomes.map(({ stdout }) => Number(stdout)))).toBe(PROCESSES * 20);
  }
}, 60_000);
