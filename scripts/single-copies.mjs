// Packages that a bundle must hold once. The SDK looks for the factory that the Service Bus extension has registered in
// the base package: with two copies of it every message fails, and no error is seen before.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const ONCE = ['@azure/functions', '@azure/functions-extensions-base'];

/** Throws naming the folders when esbuild's `metafile` shows a package of ONCE in more than one folder. */
export function refuseCopies({ inputs }) {
  for (const name of ONCE) {
    const end = `node_modules/${name}/`;
    const folders = new Set(
      Object.keys(inputs)
        .filter((file) => file.includes(end))
        .map((file) => file.slice(0, file.lastIndexOf(end) + end.length)),
    );
    if (folders.size < 2) continue;
    throw new Error(
      `The bundle holds ${folders.size} copies of ${name}: ${[...folders].join(', ')}. Service Bus messages would fail, ` +
        'because the copies do not see each other. Pin versions that share one (such as @azure/functions 4.15.x with ' +
        '@azure/functions-extensions-servicebus 0.2.0-preview), or add an npm "overrides" entry.',
    );
  }
}

/** The folders below `nodeModules` that hold each package of ONCE. */
export function copiesIn(nodeModules) {
  const copies = Object.fromEntries(ONCE.map((name) => [name, []]));
  const visit = (folder) => {
    for (const name of ONCE) {
      if (existsSync(path.join(folder, name, 'package.json'))) copies[name].push(path.join(folder, name));
    }
    for (const packageFolder of packagesIn(folder)) {
      const nested = path.join(packageFolder, 'node_modules');
      if (existsSync(nested)) visit(nested);
    }
  };
  visit(nodeModules);
  return copies;
}

const packagesIn = (folder) =>
  readdirSync(folder).flatMap((name) =>
    name.startsWith('@')
      ? readdirSync(path.join(folder, name)).map((scoped) => path.join(folder, name, scoped))
      : [path.join(folder, name)],
  );
