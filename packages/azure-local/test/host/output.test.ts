// What the function host writes for a person at the terminal: the short table, the calm log, and a container that is late.
import { formatSummary } from '../../src/host/banner';
import { MissingContainer } from '../../src/host/cosmos/feed-store';
import { createOutage } from '../../src/host/cosmos/outage';
import type { HostedFunction } from '../../src/host/hosted-function';
import { createHostLogger, type HostLogger, type LogLevel } from '../../src/kit/log';

const fn = (name: string, type: string, isDisabled = false): HostedFunction =>
  ({ name, trigger: { type }, isDisabled }) as HostedFunction;

describe('the short table', () => {
  test('has a row for each trigger, with its functions by name', () => {
    const functions = [
      ...[fn('Tick', 'timerTrigger'), fn('Post', 'httpTrigger'), fn('Get', 'httpTrigger')],
      ...[fn('Off', 'httpTrigger', true), fn('Odd', 'oddTrigger')],
    ];
    expect(formatSummary(functions).split('\n')).toEqual([
      '',
      '5 functions by trigger:',
      '  HTTP        Get, Post',
      '  Timer       Tick',
      '  Disabled    Off',
      '  oddTrigger  Odd',
    ]);
  });

  test('goes on below its row, within a hundred columns', () => {
    const names = Array.from({ length: 20 }, (_, index) => `Function${String(index).padStart(2, '0')}`);
    const lines = formatSummary(names.map((name) => fn(name, 'httpTrigger')))
      .split('\n')
      .slice(2);
    expect(lines.every((line) => line.length <= 102)).toBe(true);
    expect(lines.map((line) => line.slice(0, 8))).toEqual(['  HTTP  ', '        ', '        ']);
    expect(lines.join(' ').match(/Function\d\d/g)).toEqual(names);
  });
});

function logOf(levels: Record<string, LogLevel>, atLeast: LogLevel) {
  const said: string[] = [];
  const log = createHostLogger({
    levels,
    atLeast,
    sink: (text) => said.push(text),
    isColoured: false,
    now: () => 0,
  });
  return {
    log,
    lines: () => {
      log.flush();
      return said
        .join('')
        .split('\n')
        .slice(0, -1)
        .map((line) => line.replace(/^\[.*?\] /, ''));
    },
  };
}

test('a log that is raised to warnings shows no more of any category, and no less', () => {
  const { log, lines } = logOf({ 'Function.Quiet': 'error' }, 'warning');
  for (const category of ['Host.Startup', 'Function.CreateOrder.User', 'Function.Quiet']) {
    for (const level of ['information', 'warning', 'error'] as const) log.write(level, category, level);
  }
  expect(lines()).toEqual(['warning', 'error', 'warning', 'error', 'error']);
});

describe('a container that a trigger waits for', () => {
  const wait = (isMadeByTheApp: boolean, times: number): string[] => {
    const said: string[] = [];
    const log = { write: (level: string, _: string, text: string) => said.push(`${level} ${text}`) };
    const outage = createOutage(log as unknown as HostLogger, 'c', 'Follow', 'db/later');
    const missing = new MissingContainer(
      { database: 'db', container: 'later' } as never,
      'It comes.',
      isMadeByTheApp,
    );
    for (let at = 0; at < times; at += 1) outage.failed(missing);
    return said.map((line) => line.split(':')[0] ?? '');
  };

  test('is no warning while the app may still make it, and one when it is late', () => {
    expect(wait(true, 100)).toEqual(['information Function Follow waits']);
    expect(wait(true, 1_000)).toEqual(['information Function Follow waits', 'warning Function Follow waits']);
  });

  test('is a warning at once when a person has to make it', () => {
    expect(wait(false, 100)).toEqual(['warning Function Follow waits']);
  });
});
