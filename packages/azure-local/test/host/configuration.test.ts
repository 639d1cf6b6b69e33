// host.json, settings in bindings, schedules, cookies and the log, without a process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readHostJson } from '../../src/host/host-json';
import { formatCookie } from '../../src/host/http-response';
import { createHostLogger, type HostLogger, type LogLevel } from '../../src/kit/log';
import { isDisabled, resolveSettings } from '../../src/host/settings';
import { formatTimeSpan, parseTimeSpan } from '../../src/host/time-span';
import { parseSchedule } from '../../src/host/timer-schedule';

const folder = mkdtempSync(path.join(tmpdir(), 'host-json-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hostJson(content: string): ReturnType<typeof readHostJson> {
  writeFileSync(path.join(folder, 'host.json'), content);
  return readHostJson(folder);
}

test('the least host.json has the defaults of the platform', () => {
  expect(hostJson('{"version":"2.0"}')).toEqual({
    routePrefix: 'api',
    logLevels: {},
    functionTimeoutMs: 1_800_000,
    singleton: { listenerLockPeriodMs: 60_000, listenerLockRecoveryPollingMs: 60_000 },
    extensions: {},
    warnings: [],
  });
});

test('what host.json says is read, and what has no effect here is named', () => {
  const read = hostJson(
    JSON.stringify({
      version: '2.0',
      logging: { logLevel: { default: 'Warning', 'Function.A.User': 'debug' } },
      extensions: { http: { routePrefix: '/v1/', hsts: {} }, durableTask: { hubName: 'H' } },
      functionTimeout: '00:05:00',
      extensionBundle: { id: 'x' },
      singleton: { listenerLockPeriod: '00:00:20', lockPeriod: '00:00:15' },
      aggregator: {},
    }),
  );
  expect(read).toMatchObject({
    routePrefix: 'v1',
    logLevels: { default: 'warning', 'Function.A.User': 'debug' },
    functionTimeoutMs: 300_000,
    extensions: { durableTask: { hubName: 'H' } },
    singleton: { listenerLockPeriodMs: 20_000, listenerLockRecoveryPollingMs: 60_000 },
  });
  expect(read.warnings.map((text) => text.split(' in ')[0])).toEqual([
    'aggregator',
    'extensions.http.hsts',
    'singleton.lockPeriod',
  ]);
});

test.each([
  ['{', 'could not be read'],
  ['[]', 'is not a JSON object'],
  ['{"version":"1.0"}', 'version in'],
  ['{"version":"2.0","logging":{"logLevel":{"default":"Loud"}}}', 'logging.logLevel.default in'],
  ['{"version":"2.0","functionTimeout":"5 min"}', 'functionTimeout in'],
  ['{"version":"2.0","singleton":{"listenerLockPeriod":"00:00:14"}}', 'singleton.listenerLockPeriod in'],
  ['{"version":"2.0","singleton":{"listenerLockPeriod":"00:01:01"}}', 'singleton.listenerLockPeriod in'],
  [
    '{"version":"2.0","singleton":{"listenerLockRecoveryPollingInterval":5}}',
    'singleton.listenerLockRecoveryPollingInterval in',
  ],
  ['{"version":"2.0","extensions":{"http":{"routePrefix":5}}}', 'extensions.http.routePrefix in'],
  ['{"version":"2.0","extensions":{"durableTask":"x"}}', 'extensions.durableTask in'],
])('the host.json %s is refused, naming file and key', (content, fault) => {
  expect(() => hostJson(content)).toThrow(fault);
  expect(() => hostJson(content)).toThrow(path.join(folder, 'host.json'));
});

test('%NAME% is resolved at any depth of a binding, with : and __ as one', () => {
  const binding = { schedule: '%Every%', list: ['%A:B% and %A:B%'], limit: 3 };
  expect(resolveSettings(binding, { Every: '0 * * * * *', A__B: 'x' }, 'F')).toEqual({
    schedule: '0 * * * * *',
    list: ['x and x'],
    limit: 3,
  });
});

test('a setting that is not there is refused, naming function, option and setting', () => {
  expect(() => resolveSettings({ trigger: { schedule: '%Every%' } }, {}, 'Tick')).toThrow(
    '"trigger.schedule" of function Tick is "%Every%", but there is no setting Every.',
  );
});

test.each([
  [{ 'AzureWebJobs.F.Disabled': 'true' }, true],
  [{ AzureWebJobs__F__Disabled: '1' }, true],
  [{ 'AzureWebJobs.F.Disabled': 'false' }, false],
  [{ 'AzureWebJobs.G.Disabled': 'true' }, false],
])('with %j function F is disabled: %s', (environment, expected) => {
  expect(isDisabled(environment, 'F')).toBe(expected);
});

test('a time span is read as .NET reads it, and 24:00:00 is none', () => {
  expect(parseTimeSpan('1.02:03:04.5')).toBe((((24 + 2) * 60 + 3) * 60 + 4) * 1000 + 500);
  expect(parseTimeSpan('24:00:00')).toBeUndefined();
  expect(formatTimeSpan(93_784_000)).toBe('1.02:03:04');
});

test.each([
  ['0 */5 * * * 1-5', '2026-01-02T23:58:00Z', '2026-01-05T00:00:00Z'],
  ['0 30 9 * Jan Monday', '2026-01-01T00:00:00Z', '2026-01-05T09:30:00Z'],
  ['*/15 * * * *', '2026-01-01T00:01:00Z', '2026-01-01T00:15:00Z'],
  ['00:10:00', '2026-01-01T00:01:00Z', '2026-01-01T00:11:00Z'],
])('the schedule %s is due after %s at %s', (schedule, after, due) => {
  expect(parseSchedule(schedule, 'F').next(Date.parse(after))).toBe(Date.parse(due));
});

test('a schedule follows the time zone it is given, over the change to summer time', () => {
  const schedule = parseSchedule('0 0 3 * * *', 'F', 'Europe/Berlin');
  expect(schedule.next(Date.parse('2026-03-28T12:00:00Z'))).toBe(Date.parse('2026-03-29T01:00:00Z'));
});

test.each([
  ['* * *', 'has 3 fields'],
  ['61 * * * * *', 'cannot be read'],
  ['0 0 0 L * *', 'has "L", which NCRONTAB does not know'],
  ['0 0 0 ? * *', 'has "?", which NCRONTAB does not know'],
  ['0 0 0 13 * 5', 'restricts both day and day of week, which is not simulated'],
])('the schedule %s is refused by name', (schedule, fault) => {
  expect(() => parseSchedule(schedule, 'Tick')).toThrow(
    `The schedule "${schedule}" of function Tick ${fault}`,
  );
});

test('only schedules a minute apart or more are monitored by default', () => {
  const isMonitored = (schedule: string): boolean => parseSchedule(schedule, 'F').isMonitored;
  expect([isMonitored('0 * * * * *'), isMonitored('*/30 * * * * *'), isMonitored('00:00:59')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a cookie has the order and escapes of ASP.NET', () => {
  expect(
    formatCookie({
      name: 'c',
      value: "it's (x)",
      domain: { value: 'd' },
      expires: { value: { seconds: 0 } },
      secure: { value: true },
      sameSite: 'explicitNone',
    }),
  ).toBe(
    'c=it%27s%20%28x%29; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=d; path=/; secure; samesite=none',
  );
});

describe('the log', () => {
  function logger(
    levels: Record<string, LogLevel>,
    isColoured = false,
  ): { log: HostLogger; lines: string[] } {
    const lines: string[] = [];
    const log = createHostLogger({ levels, isColoured, now: () => 0, sink: (text) => lines.push(text) });
    return { log, lines };
  }

  test('gathers lines of a turn into one write, with their time, in order', () => {
    const { log, lines } = logger({});
    log.category('Host').info('one');
    log.print('plain');
    log.write('warning', 'Host', 'two');
    expect(lines).toEqual([]);
    log.flush();
    expect(lines).toEqual(['[1970-01-01T00:00:00.000Z] one\nplain\n[1970-01-01T00:00:00.000Z] two\n']);
  });

  test('is written without being asked once the turn is over', async () => {
    const { log, lines } = logger({});
    log.category('Host').info('one');
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines).toHaveLength(1);
  });

  test('takes the level of the longest prefix that is named', () => {
    const { log } = logger({ default: 'error', Function: 'warning', 'Function.A.User': 'debug' });
    expect(log.isEnabled('debug', 'Function.A.User')).toBe(true);
    expect(log.isEnabled('information', 'Function.A')).toBe(false);
    expect(log.isEnabled('warning', 'function.b')).toBe(true);
    expect(log.isEnabled('warning', 'Host')).toBe(false);
    expect(log.isEnabled('none', 'Host')).toBe(false);
  });

  test('shows an error with its stack and its causes', () => {
    const { log, lines } = logger({});
    log.category('Host').error('failed', new Error('outer', { cause: new TypeError('inner') }));
    log.flush();
    expect(lines[0]).toMatch(/failed\nError: outer\n +at [\s\S]+\nCaused by: TypeError: inner\n +at /);
  });

  test('is coloured only when asked', () => {
    const { log, lines } = logger({}, true);
    log.category('Host').error('red');
    log.flush();
    expect(lines[0]).toBe('\u001b[90m[1970-01-01T00:00:00.000Z]\u001b[0m \u001b[31mred\u001b[0m\n');
  });
});
