// Files and folders import one another in one direction.
import { cyclesIn, folderGraph, importGraph, type Graph } from '../support/import-graph';
import { repositoryRoot } from '../support/lint-texts';

const graphOf = (...folders: string[]): Graph => importGraph(repositoryRoot, folders);

describe('imports', () => {
  test.each(['src', 'local', 'packages/azure-local', 'packages/simulators', 'tools', 'test'])(
    'of the files of %s form no cycle',
    (folder) => {
      const graph = graphOf(folder);
      expect(graph.size).toBeGreaterThan(20);
      expect(cyclesIn(graph)).toEqual([]);
    },
  );

  test.each(['src', 'packages/azure-local/src'])('of the folders of %s form no cycle', (root) => {
    const folders = folderGraph(graphOf(root), root);
    expect(folders.size).toBeGreaterThan(5);
    expect(cyclesIn(folders)).toEqual([]);
  });
});

describe('the search for cycles', () => {
  const graph = (entries: Record<string, readonly string[]>): Graph => new Map(Object.entries(entries));

  test('finds each knot once, and nothing beside it', () => {
    const knots = cyclesIn(
      graph({ a: ['b'], b: ['c', 'd'], c: ['b'], d: ['e'], e: ['f'], f: ['d', 'g'], g: [] }),
    );
    expect(knots).toEqual([
      ['d', 'e', 'f'],
      ['b', 'c'],
    ]);
  });

  test('sees that folders go round where their files do not', () => {
    const files = graph({ 'src/a/one.ts': ['src/b/one.ts'], 'src/b/two.ts': ['src/a/two.ts'] });
    expect(cyclesIn(files)).toEqual([]);
    expect(cyclesIn(folderGraph(files, 'src'))).toEqual([['src/a', 'src/b']]);
  });
});
