// A thread of the app that starts before its host: what it does until the host begins it, and with what the app then runs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchAppThread } from '../../src/host/app-thread-launch';
import type { BeginApp, FromApp } from '../../src/host/app-thread-messages';
import { decodeThrown } from '../../src/host/thrown';
import { appThreadProgram, removeChildren } from '../../testing/child-programs';

/** What makes a file large enough to be compiled ahead. */
const PADDING = `/* ${'.'.repeat(100_000)} */`;

let appRoot: string;

beforeEach(() => {
  appRoot = mkdtempSync(path.join(tmpdir(), 'app-thread-'));
});
afterEach(() => rmSync(appRoot, { recursive: true }));
afterAll(removeChildren);

/** The app writes down each time that it is run, with what it finds in its environment. */
function writeApp(version: string): void {
  writeFileSync(path.join(appRoot, 'package.json'), '{"main":"index.js"}');
  const ran = JSON.stringify(path.join(appRoot, 'ran'));
  const line = `\`${version} \${process.env.TOLD}\\n\``;
  writeFileSync(
    path.join(appRoot, 'index.js'),
    `require('node:fs').appendFileSync(${ran}, ${line});\n${PADDING}`,
  );
}

/** Why the thread refuses the app, once the host has begun it. */
async function begin(thread: ReturnType<typeof launchAppThread>, environment: object): Promise<string> {
  const refusal = new Promise<string>((resolve, reject) => {
    thread.on('error', reject);
    thread.on('message', ([message]: readonly FromApp[]) => {
      if (message?.kind === 'refused') resolve((decodeThrown(message.thrown) as Error).message);
    });
  });
  const order: BeginApp = {
    kind: 'begin',
    appRoot,
    environment: { ...environment },
    logFilter: { levels: {} },
  };
  thread.postMessage(order);
  const said = await refusal;
  await thread.terminate();
  return said;
}

const ran = (): string => readFileSync(path.join(appRoot, 'ran'), 'utf8');

test('app-thread.W4: the app runs once, when the host begins it, with the environment of that time', async () => {
  writeApp('app');
  const thread = launchAppThread(appThreadProgram(), appRoot);
  await new Promise((resolve) => thread.once('online', resolve));
  expect(await begin(thread, { TOLD: 'late' })).toContain('registered no function');
  expect(ran()).toBe('app late\n');
});

test('an app that its thread cannot compile ahead is refused at the beginning, with the sentence for it', async () => {
  const thread = launchAppThread(appThreadProgram(), appRoot);
  expect(await begin(thread, {})).toContain('could not be read');
});

test('a thread that knows no app yet takes the one that the host begins', async () => {
  writeApp('app');
  const thread = launchAppThread(appThreadProgram(), undefined);
  await begin(thread, { TOLD: 'now' });
  expect(ran()).toBe('app now\n');
});
