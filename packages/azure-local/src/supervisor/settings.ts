// Layers of app settings for the host process: look-alikes, local.settings.json, --set.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './processes';

/** App settings by name; both `A:B` and `A__B` are accepted. */
export type Settings = Readonly<Record<string, string>>;

/**
 * The environment of the host: `inherited` below, then the layers, a later one winning. Names are written with `__`,
 * and an inherited `A:B` gives way to a layer's `A__B`, so that no setting is there twice with two values.
 */
export function hostEnvironment(inherited: NodeJS.ProcessEnv, ...layers: Settings[]): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const layer of [inherited, ...layers]) {
    for (const [name, value] of Object.entries(layer)) environment[name.replaceAll(':', '__')] = value;
  }
  return environment;
}

/**
 * `Values` of local.settings.json in `appRoot`.
 * @throws StartError when it is missing, not JSON, encrypted, or holds a value that is not a string.
 */
export function readLocalSettings(appRoot: string): Settings {
  const file = path.join(appRoot, 'local.settings.json');
  const { IsEncrypted, Values } = parseSettingsFile(file);
  if (IsEncrypted === true) {
    throw new StartError(
      `${file} is encrypted, which only Core Tools can read: run \`func settings decrypt\` first, or leave out --use-settings.`,
    );
  }
  const values = Object.entries(Values ?? {});
  const odd = values.find(([, value]) => typeof value !== 'string');
  if (odd !== undefined) {
    throw new StartError(`Values.${odd[0]} in ${file} is not a string; app settings are strings: quote it.`);
  }
  return Object.fromEntries(values) as Settings;
}

function parseSettingsFile(file: string): { IsEncrypted?: unknown; Values?: Record<string, unknown> } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new StartError(
      `--use-settings reads ${file}, which is not there: copy local.settings.example.json to it, or leave the flag out.`,
    );
  }
  try {
    return (JSON.parse(text) ?? {}) as { Values?: Record<string, unknown> };
  } catch (error) {
    throw new StartError(
      `${file} is not JSON (${(error as Error).message}): correct it, or leave out --use-settings.`,
    );
  }
}
