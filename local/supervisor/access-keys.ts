// The keys that --keys enforces: made once per data folder, so that they outlive a restart.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const KEYS_FILE = 'keys.json';

export interface AccessKeys {
  /** Opens functions of `authLevel: 'function'`. */
  readonly function: string;
  /** Opens everything, `/admin` included. */
  readonly master: string;
  /** Opens the durable management API. */
  readonly durable: string;
  /** Opens the Event Grid webhook. */
  readonly eventgrid: string;
}

/** The keys in `dataDir`; makes the file, readable by its owner only, and what it lacks. */
export function accessKeys(dataDir: string): AccessKeys {
  const file = path.join(dataDir, KEYS_FILE);
  const kept = readKeys(file);
  const fresh = { function: newKey(), master: newKey(), durable: newKey(), eventgrid: newKey() };
  const keys: AccessKeys = { ...fresh, ...kept };
  if (Object.keys(kept).length < Object.keys(keys).length) {
    writeFileSync(file, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  }
  return keys;
}

function readKeys(file: string): Partial<AccessKeys> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<AccessKeys>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}

const newKey = (): string => randomBytes(32).toString('base64url');
