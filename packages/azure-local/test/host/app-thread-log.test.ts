// Log lines of the app between the threads: those that nobody sees stay in its own, those of a thread that ends arrive.
import type { FunctionMetadata } from '../../src/host/core-types';
import { launchAppThread } from '../../src/host/app-thread-launch';
import type { BeginApp, FromApp, ToApp } from '../../src/host/app-thread-messages';
import { appThreadProgram, removeChildren } from '../../testing/child-programs';
import { fixture } from '../../testing/host-process';

afterAll(removeChildren);

/** The lines that cross the threads until this function of the fixture has run, or has ended its thread. */
async function linesOf(app: string, name: string, logFilter: BeginApp['logFilter']): Promise<string[]> {
  const appRoot = fixture(app);
  const thread = launchAppThread(appThreadProgram(), appRoot);
  const lines: string[] = [];
  const tell = (message: ToApp): void => thread.postMessage([message]);
  const begin: BeginApp = { kind: 'begin', appRoot, environment: {}, logFilter };
  thread.postMessage(begin);
  await new Promise<void>((resolve, reject) => {
    thread.on('error', reject);
    thread.on('exit', () => resolve());
    thread.on('message', (batch: readonly FromApp[]) => {
      for (const message of batch) {
        if (message.kind === 'started') tell(orderOf(name, message.functions));
        else if (message.kind === 'log') lines.push(`${message.level} ${message.message}`);
        else if (message.kind === 'ran') resolve();
        else reject(new Error(JSON.stringify(message)));
      }
    });
  });
  await thread.terminate();
  return lines;
}

const HTTP = { method: 'GET', url: 'http://127.0.0.1/', headers: {}, query: {}, params: {} };

function orderOf(functionName: string, functions: readonly FunctionMetadata[]): ToApp {
  const bindings = functions.find(({ name }) => name === functionName)?.bindings ?? {};
  const name = Object.keys(bindings).find((key) => bindings[key]?.type === 'httpTrigger') ?? '';
  const inputData = [{ name, data: { http: HTTP } }];
  return { kind: 'invoke', id: 1, functionName, invocationId: '1', inputData, wants: 'end' };
}

test('a line below the level of its category does not cross the threads', async () => {
  const line: unknown = expect.stringMatching(/^information card/);
  expect(await linesOf('host-features', 'Logs', { levels: {} })).toContainEqual(line);
  expect(await linesOf('host-features', 'Logs', { levels: {}, atLeast: 'warning' })).not.toContainEqual(line);
});

test('what a handler says before it ends its thread crosses the threads', async () => {
  expect(await linesOf('host-thread', 'SaysAndEnds', { levels: {} })).toContain('warning the last words');
});
