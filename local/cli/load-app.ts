// Program that loads the built app with the settings of its environment, for the doctor: prints which settings the app
// reads and whether it accepts them. It opens no port and makes no call.
import { loadApp } from 'azure-local/host/app-loader';
import { createAppRegistry } from 'azure-local/host/core-module';
import type { AppLoad } from '../doctor/app-reads';

const read = new Set<string>();

function answer(load: AppLoad): void {
  process.stdout.write(`${JSON.stringify(load)}\n`, () => process.exit());
}

process.env = new Proxy(process.env, {
  get(environment, name) {
    if (typeof name === 'string') read.add(name);
    return Reflect.get(environment, name) as string | undefined;
  },
});
try {
  const app = createAppRegistry(() => undefined);
  loadApp(process.argv[2] ?? '.', app.module);
  for (const { metadata } of app.functions.values()) {
    for (const name of connectionsOf(metadata.bindings)) read.add(name);
  }
  answer({ read: [...read] });
} catch (error) {
  const { cause = error } = error as Error;
  answer({ read: [...read], refused: cause instanceof Error ? cause.message : String(cause) });
}

/** What bindings name as their connection is read by the host. */
function connectionsOf(bindings: object): string[] {
  return Object.values(bindings).flatMap((binding: { connection?: unknown }) =>
    typeof binding.connection === 'string' ? [binding.connection] : [],
  );
}
