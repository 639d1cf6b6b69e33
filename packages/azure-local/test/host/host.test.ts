// A host with an app that has one of everything: hooks, routes, log lines, durable functions, limits, and its end.
import { removeChildren } from '../../testing/child-programs';
import {
  fixture,
  sendRequest,
  startHost,
  type ChildOptions,
  type HostProcess,
} from '../../testing/host-process';
import { until } from '../../src/kit/until';

const ISO = String.raw`\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\]`;
const ID = '[0-9a-f]{8}-[0-9a-f-]{27}';
const environment = { Schedule: '0 * * * * *', 'AzureWebJobs.Off.Disabled': 'true' };

let host: HostProcess;
beforeAll(async () => {
  host = await start();
});
afterAll(removeChildren);

function start(options: Partial<ChildOptions> = {}): Promise<HostProcess> {
  const appRoot = fixture('host-features');
  return startHost(
    { appRoot, isManual: true, hasDurable: true, maxRequestBodyBytes: 1_000, ...options },
    environment,
  );
}

/** Waits until the host has printed what matches, and returns it. */
async function printed(pattern: RegExp, from = host): Promise<string> {
  return until(`output like ${String(pattern)}`, () => pattern.exec(from.output())?.[0]);
}

test('the banner lists every function with kind, methods and URL', async () => {
  const banner = await printed(/\nFunctions:\n[\s\S]*\(disabled\)\n/);
  expect(banner).toContain(`\n\tGetOrderById: [GET] ${host.urls.url}/shop/orders/{id}\n`);
  expect(banner).toContain('\n\tHello: orchestrationTrigger\n');
  expect(banner).toContain('\n\tEveryMinute: timerTrigger\n');
  expect(banner).toContain('\n\tOff: httpTrigger (disabled)\n');
  expect(banner.indexOf('GetOrderById')).toBeLessThan(banner.indexOf('AtStart'));
});

test('a key of host.json that has no effect here is named in a warning', async () => {
  await printed(/singleton\.listenerLockTimeout in .*host-features.host\.json is not simulated/);
});

test('an invocation is logged when it begins and when it ends', async () => {
  await host.request('/shop/Seen');
  await printed(
    new RegExp(
      `${ISO} Executing 'Functions.Seen' \\(Reason='This function was programmatically called via the host APIs.', Id=(${ID})\\)\n` +
        // Another function may be under way.
        String.raw`[\s\S]*` +
        `${ISO} Executed 'Functions.Seen' \\(Succeeded, Id=\\1, Duration=\\d+ms\\)\n`,
    ),
  );
});

test('what a handler logs goes through the log hook and the levels of host.json', async () => {
  await host.request('/shop/Logs');
  await printed(/card \*\*\*\* \{ of: 'nobody' \}\n.*a warning/);
  await host.request('/shop/Quiet');
  await host.request('/shop/Logs');
  await until('two runs of Logs', () => host.output().split('card ****').length === 3);
  expect(host.output()).not.toContain('hidden');
  expect(host.output()).not.toContain("'Functions.Quiet'");
});

test('a handler that throws is a 500 without body, and its error is logged with stack and cause', async () => {
  const answer = await host.request('/shop/Fails');
  expect([answer.status, answer.text]).toEqual([500, '']);
  await printed(
    /Executed 'Functions\.Fails' \(Failed, Id=[^)]+\)\nError: boom in a handler\n +at [\s\S]+?Caused by: Error: the deeper reason/,
  );
});

test('hooks run as in the worker: at the start, before and after an invocation', async () => {
  expect((await host.request('/shop/Seen')).text).toBe('["appStart"]');
  expect((await host.request('/shop/Replaced')).text).toBe('replaced');
  const rescued = await host.request('/shop/Rescued');
  expect([rescued.status, rescued.text]).toEqual([418, 'rescued']);
});

test('the route of customers is not swallowed by the route of one order', async () => {
  expect((await host.request('/shop/orders/customer/c1')).text).toBe('customer c1');
  expect((await host.request('/shop/orders/customer')).text).toBe('order customer');
});

test('a disabled function has no route', async () => {
  expect((await host.request('/shop/Off')).status).toBe(404);
});

test('a timer that runs on startup has run before the first request', () => {
  expect(host.output()).toContain('at start false');
});

test('a timer can be run by hand; another function says how it cannot', async () => {
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  const runs = (): number => host.output().split('at start').length;
  const before = runs();
  expect((await host.request('/admin/functions/AtStart', json)).status).toBe(202);
  await until('another run', () => runs() === before + 1);
  const refused = await host.request('/admin/functions/Hello', json);
  expect([refused.status, refused.text]).toEqual([
    501,
    expect.stringContaining('Hello (orchestrationTrigger)'),
  ]);
});

test('a timer of the app runs at its occurrence, with its status in camel case', async () => {
  await host.command({ kind: 'advance', byMs: 60_000 });
  await printed(/every minute \{"schedule":\{"adjustForDST":true\},"scheduleStatus":\{"last":"0001-/);
});

test('an invocation over functionTimeout is a 500, and the log says what the platform would do', async () => {
  const hanging = host.request('/shop/Slow');
  await printed(/slow has begun/);
  await host.command({ kind: 'advance', byMs: 300_000 });
  expect((await hanging).status).toBe(500);
  await printed(/Timeout value of 00:05:00 was exceeded by function 'Functions\.Slow'/);
});

test('a request that comes while the host starts waits until its listeners run', async () => {
  await printed(/early request answered 200, started true/);
});

test('GET / says that the app is up, and without keys the admin API is open', async () => {
  expect((await host.request('/')).text).toContain('Your Azure Function App is up and running.');
  expect((await host.request('/admin/host/status')).status).toBe(200);
});

describe('durable functions', () => {
  test('are found by kind, a disabled or unknown one not at all', async () => {
    const kindOf = (name: string): Promise<unknown> => host.command({ kind: 'kindOf', name });
    expect(await kindOf('Hello')).toBe('orchestrator');
    expect(await kindOf('Say')).toBe('activity');
    expect(await kindOf('Logs')).toBeUndefined();
    expect(await kindOf('Nobody')).toBeUndefined();
  });

  test('an activity gets its input and the id of its instance, and gives back what it returns', async () => {
    const metadata = { instanceId: 'one', data: '"Tokyo"' };
    const returned = await host.command({ kind: 'invoke', name: 'Say', data: '"Tokyo"', metadata });
    expect(returned).toEqual({ input: 'Tokyo', metadata: { instanceId: 'one' } });
  });

  test('an activity without input gets none', async () => {
    const returned = await host.command({ kind: 'invoke', name: 'Say', metadata: { instanceId: 'one' } });
    expect(returned).toEqual({ input: 'none', metadata: { instanceId: 'one' } });
  });

  test('what an activity throws rejects the call', async () => {
    const call = host.command({ kind: 'invoke', name: 'Refuse', metadata: {} });
    await expect(call).rejects.toThrow('TypeError: refused');
  });

  test('an orchestrator gets its history and gives back its actions as an object', async () => {
    const returned = await host.command({
      kind: 'invoke',
      name: 'Hello',
      data: JSON.stringify(firstHistory()),
      metadata: { instanceId: 'one' },
    });
    expect(returned).toMatchObject({
      isDone: false,
      actions: [[{ actionType: 0, functionName: 'Say', input: '"Tokyo"' }]],
    });
  });

  test('a durable client is bound to the addresses in use', async () => {
    const { statusQueryGetUri } = JSON.parse((await host.request('/shop/Client')).text) as Record<
      string,
      string
    >;
    expect(statusQueryGetUri).toBe(`${host.urls.url}/runtime/webhooks/durabletask/instances/an-instance`);
  });
});

describe('a mounted extension', () => {
  test('answers below its path at both addresses, and nothing else does at the internal one', async () => {
    const target = '/Runtime/webhooks/mounted/a%20b?c=d';
    const expected = 'mounted /Runtime/webhooks/mounted/a%20b?c=d';
    expect((await host.request(target)).text).toBe(expected);
    expect((await sendRequest(host.urls.internalUrl, target)).text).toBe(expected);
    expect((await sendRequest(host.urls.internalUrl, '/shop/Seen')).status).toBe(404);
    expect((await host.request('/runtime/webhooks/mountedelse')).status).toBe(404);
  });

  test('that fails is a 500, and the error is logged', async () => {
    expect((await host.request('/runtime/webhooks/mounted?throws')).status).toBe(500);
    await printed(/A request could not be answered\.\nError: the extension failed/);
  });
});

test('on close the listener goes at once and a request in flight is finished first', async () => {
  const closing = await start();
  const slow = closing.request('/shop/Slow', { headers: { connection: 'keep-alive' } });
  await printed(/slow has begun/, closing);
  // The handler is let go from inside, well after the listener is gone.
  await closing.request('/shop/ReleaseSoon');
  const closed = closing.command({ kind: 'close' });
  await until('a refused connection', () =>
    closing.request('/shop/Seen').then(
      () => false,
      () => true,
    ),
  );
  const answer = await slow;
  expect([answer.status, answer.text, answer.headers.connection]).toEqual([200, 'slow', 'close']);
  await closed;
  // What stands behind the functions goes after them, and the app is told last.
  await printed(/listener closed\n[^]*appTerminate ran\n/, closing);
});

test('a request that does not end is cut off when the time for draining is over', async () => {
  const closing = await start({ drainMs: 50 });
  const endless = closing.request('/shop/Slow').then(
    () => 'answered',
    () => 'cut off',
  );
  await printed(/slow has begun/, closing);
  await closing.command({ kind: 'close' });
  expect(await endless).toBe('cut off');
});

test('an invocation that has ended leaves no alarm behind', async () => {
  const quiet = await startHost(
    { appRoot: fixture('host-golden'), isManual: true },
    { 'AzureWebJobs.tick.Disabled': 'true' },
  );
  await quiet.request('/api/hello');
  expect(await quiet.command({ kind: 'nextDueMs' })).toBeUndefined();
});

function firstHistory(): object {
  const now = new Date(0).toISOString();
  return {
    history: [
      { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: now },
      { EventType: 0, EventId: -1, IsPlayed: false, Timestamp: now, Name: 'Hello', Input: null },
    ],
    input: null,
    instanceId: 'one',
    isReplaying: false,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30000,
  };
}
