import { comparisonText, startsText } from '../../tools/bench/comparison/comparison-report';
import type { Contender, Turn } from '../../tools/bench/comparison/turns';

const turn = (perSecond: number, cpuMs: Turn['cpuMs']): Turn => ({
  perSecond,
  cpuMs,
  one: [10, 20, 30],
  many: [100, 200, 300],
});

const contender = (name: string, turns: Turn[]): Pick<Contender, 'name' | 'turns' | 'restMb'> => ({
  name,
  turns,
  restMb: { app: 100, platform: 50 },
});

const lineOf = (text: string, start: string): string[] =>
  (text.split('\n').find((line) => line.startsWith(start)) ?? '').trim().split(/ {2,}/);

describe('report of the comparison', () => {
  const ours = contender('ours', [
    turn(100, { host: 8, platform: 4 }),
    turn(50, { host: 16, platform: 8 }),
    turn(100, { host: 8, platform: 4 }),
  ]);
  const peer = contender('peer', [
    turn(200, { app: 3, postgres: 3, platform: 2 }),
    turn(100, { app: 6, postgres: 6, platform: 4 }),
    turn(100, { app: 3, postgres: 3, platform: 2 }),
  ]);
  const text = comparisonText([ours, peer], [{ app: 300, platform: 60 }, { app: 200 }]);

  test('the platform process counts apart from what is one’s own, in CPU and in memory', () => {
    const [, , own, platform, both] = lineOf(text, 'ours');
    expect([own, platform, both]).toEqual(['8', '4', '12']);
    expect(lineOf(text, 'ours').slice(-2)).toEqual(['100', '300']);
  });

  test('a ratio is the median of the ratios within a turn', () => {
    expect(lineOf(text, '  ratio').slice(1, 5)).toEqual(['2.00', '0.75', '0.50', '0.67']);
  });

  test('starts say how many times as long as each other’s ours takes', () => {
    const starts = startsText([
      { name: 'ours', idle: [300, 100, 200], busy: [600, 600, 600] },
      { name: 'peer', idle: [100, 100, 200], busy: [400, 300, 200] },
    ]);
    expect(lineOf(starts, 'peer')).toEqual(['peer', '100', '1.00', '300', '2.00']);
  });
});
