// What the host refuses to start with, each by name.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeChildren } from '../../testing/child-programs';
import { fixture, startHost } from '../../testing/host-process';

const folder = mkdtempSync(path.join(tmpdir(), 'host-start-'));
afterAll(() => {
  removeChildren();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  [
    'serviceBus',
    'The trigger serviceBusTrigger is not simulated by the local host yet: function Consume; disable it with AzureWebJobs.Consume.Disabled=true',
  ],
  ['cosmos', 'The trigger cosmosDBTrigger is not simulated by the local host yet: function Feed'],
  ['eventGrid', 'The trigger eventGridTrigger is not simulated by the local host yet: function Inventory'],
  ['queue', 'The trigger queueTrigger is not simulated by the local host yet: function Dequeue'],
  ['output', 'The output binding queue is not simulated by the local host yet: function Send'],
  ['input', 'The input binding blob is not simulated by the local host yet: function Read'],
  ['retry', 'Function Again has a retry policy, but its trigger is a httpTrigger'],
  ['durable', 'The trigger orchestrationTrigger is not simulated by the local host yet: function Saga'],
  ['stream', 'enableHttpStream: true }) is not simulated by the local host yet'],
  ['route', 'of function Odd has the constraint "datetime", which is not simulated'],
  ['reserved', 'of function Inner begins with /admin or /runtime'],
  ['twice', 'Two functions are registered as Twice'],
  ['setting', 'there is no setting NoSuchSetting'],
  ['schedule', 'The schedule "61 * * * * *" of function Crooked'],
  ['nothing', 'registered no function with @azure/functions'],
])('%s is refused with a sentence that says what to do', async (variant, message) => {
  const routePrefix = variant === 'reserved' ? { appRoot: noPrefix() } : { appRoot: fixture('host-refused') };
  await expect(startHost(routePrefix, { REFUSED: variant })).rejects.toThrow(message);
});

test('a trigger that is not simulated starts once its function is disabled', async () => {
  const host = await startHost(
    { appRoot: fixture('host-refused') },
    { REFUSED: 'serviceBus', 'AzureWebJobs.Consume.Disabled': 'true' },
  );
  expect(host.functions).toEqual(['Consume']);
});

test('an error while the app is loaded names the file, and shows the error with its stack', async () => {
  const start = startHost({ appRoot: fixture('host-broken') });
  await expect(start).rejects.toThrow(
    /^HostStartError: The app failed while it was loaded \(.*host-broken.index\.js\):\nRangeError: broken while loading\n +at /,
  );
});

test.each([
  ['{}', 'has no "main"'],
  ['{"main":"dist/*.js"}', 'is a pattern (dist/*.js), which is not simulated'],
  ['{"main":"main.mjs"}', 'is an ES module (main.mjs), which is not simulated'],
  ['{"main":"main.js","type":"module"}', 'is an ES module'],
  ['{"main":"dist/main.js"}', 'is not a file. Build the app first'],
  ['{', 'could not be read'],
])('an app with the package.json %s is refused', async (manifest, message) => {
  writeFileSync(path.join(folder, 'package.json'), manifest);
  writeFileSync(path.join(folder, 'host.json'), '{"version":"2.0"}');
  await expect(startHost({ appRoot: folder })).rejects.toThrow(message);
});

/** The fixture under a host.json without route prefix, where a route could reach into the host's own. */
function noPrefix(): string {
  const root = mkdtempSync(path.join(folder, 'no-prefix-'));
  writeFileSync(path.join(root, 'host.json'), '{"version":"2.0","extensions":{"http":{"routePrefix":""}}}');
  writeFileSync(path.join(root, 'package.json'), '{"main":"index.js"}');
  writeFileSync(
    path.join(root, 'index.js'),
    `require(${JSON.stringify(path.join(fixture('host-refused'), 'index.js'))});`,
  );
  return root;
}
