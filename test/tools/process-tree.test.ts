import { statOf, treeOf } from '../../tools/bench/comparison/process-tree';

/** As /proc/<pid>/stat has it: pid, name, state, parent, nine fields, then user, system and both of ended children. */
const line = (pid: number, parent: number, ticks: readonly number[], name = 'node'): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 100 200 0 0 ${ticks.join(' ')} 20 0 11 0 12345`;

describe('process tree', () => {
  test('the CPU time of a process counts its children that have ended', () => {
    expect(statOf(line(17, 1, [10, 5, 3, 2]))).toEqual({ pid: 17, parent: 1, cpuMs: 200 });
  });

  test('a name may have blanks and brackets', () => {
    const { pid, parent, cpuMs } = statOf(line(17, 4, [1, 0, 0, 0], 'postgres: bench (idle) x'));
    expect([pid, parent, cpuMs]).toEqual([17, 4, 10]);
  });

  test('a tree is the process with all below it, and nobody else', () => {
    const all = [
      [1, 0],
      [10, 1],
      [11, 10],
      [12, 11],
      [20, 1],
    ].map(([pid = 0, parent = 0]) => statOf(line(pid, parent, [0, 0, 0, 0])));
    expect(treeOf(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12]);
    expect(treeOf(99, all)).toEqual([]);
  });
});
