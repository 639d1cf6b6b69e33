// Graph of imports, as the code has them: import, import type, export … from, import() and require of files.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** From → to. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The TypeScript files below `folders`, each with the files that it imports; all as paths below `root`. */
export function importGraph(root: string, folders: readonly string[]): Graph {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  );
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true);
      const targets = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => `${path.join(path.dirname(file), fileName)}.ts`);
      return [file, targets.filter((target) => known.has(target))];
    }),
  );
}

/** The same between folders; a file of the top folder stands for itself, as no other file shares its place. */
export function folderGraph(files: Graph, top: string): Graph {
  const placeOf = (file: string): string => (path.dirname(file) === top ? file : path.dirname(file));
  const folders = new Map<string, string[]>();
  for (const [file, targets] of files) {
    const from = placeOf(file);
    const others = targets.map(placeOf).filter((to) => to !== from);
    folders.set(from, [...(folders.get(from) ?? []), ...others]);
  }
  return folders;
}

/** The knots of `graph`: groups in which each reaches each (Tarjan's strongly connected components of more than one). */
export function cyclesIn(graph: Graph): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): number => {
    const own = order.size;
    order.set(node, own);
    open.push(node);
    let low = own;
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? own);
    }
    if (low === own) {
      const knot = open.splice(open.indexOf(node));
      if (knot.length > 1) cycles.push(knot.sort());
    }
    return low;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return cycles;
}
