import { namesOf, numberOf, runCommand, wholeNumberOf, type Command } from '../support/command-line';

test.each([
  ['0.5', 0.5],
  ['2', 2],
  ['1e1', 10],
])('a number within its range is read: %s', (text, value) => {
  expect(numberOf('--for', text, { from: 0.5, to: 10 })).toBe(value);
});

test.each(['', ' ', 'soon', '0.4', '10.5', 'Infinity', 'NaN'])(
  '"%s" is refused as a number from 0.5 to 10',
  (text) => {
    expect(() => numberOf('--for', text, { from: 0.5, to: 10 })).toThrow(
      `--for takes a number from 0.5 to 10, not "${text}".`,
    );
  },
);

test.each(['', '1.5', '0', 'Infinity'])('"%s" is refused as a whole number from 1', (text) => {
  expect(() => wholeNumberOf('--orders', text, { from: 1 })).toThrow(
    `--orders takes a whole number from 1, not "${text}".`,
  );
});

test('names are read from a list, and one that is not known is refused', () => {
  expect(namesOf('--victim', 'all,host', ['host', 'platform', 'all'])).toEqual(['all', 'host']);
  expect(() => namesOf('--victim', 'host,hots', ['host', 'platform', 'all'])).toThrow(
    '--victim takes some of host, platform, all, not "hots".',
  );
  expect(() => namesOf('--victim', '', ['host'])).toThrow('not "".');
});

describe('a command', () => {
  const printed = { out: '', err: '' };
  const command: Command<number> = {
    usage: 'Usage: npm run it',
    read: ([text = '']) => wholeNumberOf('--exit', text, { from: 0 }),
    run: (exitCode) => Promise.resolve(exitCode),
  };
  beforeEach(() => {
    Object.assign(printed, { out: '', err: '' });
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((printed.out += String(text))));
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((printed.err += String(text))));
  });
  afterEach(() => jest.restoreAllMocks());

  test('ends with the exit code of what it runs', async () => {
    expect(await runCommand(command, ['3'])).toBe(3);
    expect(printed).toEqual({ out: '', err: '' });
  });

  test('that cannot read its flags ends with 2, the fault and the usage, and runs nothing', async () => {
    expect(await runCommand(command, ['x'])).toBe(2);
    expect(printed.err).toBe('--exit takes a whole number from 0, not "x".\n\nUsage: npm run it\n');
  });

  test('asked for help prints its usage and ends with 0, whatever else it is told', async () => {
    expect(await runCommand(command, ['x', '--help'])).toBe(0);
    expect(printed).toEqual({ out: 'Usage: npm run it\n', err: '' });
  });
});
