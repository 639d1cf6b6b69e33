import { parseCurveFlags } from '../../tools/bench/curve/curve-flags';

test('the curve goes from a thousand orders to a million unless sizes are given', () => {
  expect(parseCurveFlags([]).sizes).toEqual([1_000, 10_000, 100_000, 1_000_000]);
  expect(parseCurveFlags(['--sizes', '10,20', '--one', '5'])).toMatchObject({ sizes: [10, 20], one: 5 });
});

test.each([
  [['--sizes', 'many'], '--sizes takes a whole number from 1, not "many".'],
  [['--sizes', '1000,100'], '--sizes takes sizes that grow, not "1000,100"'],
  [['--orders', '0'], '--orders takes a whole number from 1, not "0".'],
])('%j is refused with what the flag takes', (argv, why) => {
  expect(() => parseCurveFlags(argv)).toThrow(why);
});
