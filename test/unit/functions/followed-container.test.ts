import { app, type AppStartHandler } from '@azure/functions';
import { createBeforeStart } from '../../../src/functions/followed-container.hook';

/** Runs the hook that is registered for `create`; resolves with what was warned of. */
async function start(create: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = [];
  const hooks: AppStartHandler[] = [];
  const register = jest.spyOn(app.hook, 'appStart').mockImplementation((hook) => {
    hooks.push(hook);
    return null as never;
  });
  createBeforeStart(create, (line) => warnings.push(line));
  register.mockRestore();
  for (const hook of hooks) await hook({} as never);
  return warnings;
}

test('the container of the orders is there before the triggers start', async () => {
  let isThere = false;
  const warnings = await start(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    isThere = true;
  });
  expect([isThere, warnings]).toEqual([true, []]);
});

test('a store that refuses holds up no start, and is warned of', async () => {
  expect(await start(() => Promise.reject(new Error('503')))).toEqual([expect.stringContaining('503')]);
});

test('a store that does not answer holds up no start, and is warned of', async () => {
  jest.useFakeTimers();
  const started = start(() => new Promise(() => undefined));
  await jest.advanceTimersByTimeAsync(60_000);
  jest.useRealTimers();
  expect(await started).toEqual([expect.stringContaining('no answer within 10 s')]);
});
