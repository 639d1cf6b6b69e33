// Packages that a bundle must hold once. The SDK looks for the factory that the Service Bus extension has registered in
// the base package: with two copies of it every message fails, and no error is seen before (NEW-13).
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
