// The official .NET client against the look-alike: `func start` with `npm run emulators` reaches it through this client. The
// program in test/dotnet/cosmos makes the checks, all in one run; here each is a test of its own.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { until } from 'azure-local/kit/until';
import { freePorts } from 'azure-local/supervisor/start-flags';
import { buildDotnetProgram } from '../support/dotnet-program';

const CHECKS = [
  'a database is created if it does not exist',
  'a container is created if it does not exist',
  'a missing container answers 404',
  'databases and containers are listed by a query',
  'a container and a database are deleted',
  'a container that is made again under its name is another',
  'a document is created, read, replaced, upserted and deleted',
  'a write without content answers no document',
  'a document that is there already answers 409',
  'a document of another partition may have the same id',
  'a missing document answers 404 to every operation',
  'an etag of another version answers 412',
  'a read with the current etag answers 304',
  'a patch changes what it names, and only when its condition holds',
  'ids and partition keys hold any character',
  'a document that expires is gone',
  'a batch performs all operations and answers each',
  'a refused operation takes the whole batch along',
  'a batch heeds the etag of an operation',
  'a batch without content answers no document',
  'a batch of the most operations is taken, with long documents',
  'a query takes parameters and stays in its partition',
  'a query over all partitions finds documents of each',
  'a query goes on from page to page, by the continuation too',
  'ORDER BY, TOP, OFFSET LIMIT, DISTINCT and aggregates answer over all partitions',
  'all documents are read without a query',
  'many documents are read at once by id and partition key',
  'LINQ is translated to a query that is answered',
  'a query that is no SQL answers 400',
  'the change feed gives every document from the beginning, in pages',
  'the change feed goes on from its continuation',
  'the change feed from now gives later changes only',
  'the change feed from a time gives what changed since',
  'the change feed of one partition gives that partition only',
  'the ranges of a container cover its change feed',
  'a processor gives changes to its handler and goes on where it stopped',
  'a batch whose handler throws comes again',
  'a processor with manual checkpoints goes on behind the last',
  'two processors share the leases: each change comes to one of them',
  'a processor takes over when another stops',
  'a processor takes over when another is cut off and its lease expires',
  'the estimator tells how far a processor is behind',
];

const line = z.strictObject({
  check: z.string(),
  ok: z.boolean(),
  ms: z.number(),
  error: z.string().optional(),
});
const program = buildDotnetProgram('cosmos');

if (program.kind === 'unavailable') test.skip(`The .NET client is not run: ${program.why}.`, () => undefined);
else runChecks(program.dll);

function runChecks(dll: string): void {
  let folder: string;
  let emulators: ChildProcess;
  let said = '';
  const found = new Map<string, z.infer<typeof line>>();

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cosmos-dotnet-'));
    emulators = spawn(process.execPath, [
      'dist/local/emulators.js',
      ...freePorts('--port'),
      '--data',
      folder,
    ]);
    emulators.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [, endpoint = '', key = ''] = await until(
      'the emulators are ready',
      () => /AccountEndpoint=([^;]+);AccountKey=([^;]+);/.exec(said) ?? undefined,
    );
    const { stdout } = await promisify(execFile)('dotnet', [dll, endpoint, key]);
    for (const text of stdout.trim().split('\n')) {
      const result = line.parse(JSON.parse(text));
      found.set(result.check, result);
    }
  });

  afterAll(async () => {
    const ended = emulators.exitCode === null ? once(emulators, 'exit') : undefined;
    emulators.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  test('the program makes these checks and no others', () => {
    expect([...found.keys()].sort()).toEqual([...CHECKS].sort());
  });

  test.each(CHECKS)('%s', (check) => {
    expect(found.get(check)).toEqual({ check, ok: true, ms: expect.any(Number) as number });
  });
}
