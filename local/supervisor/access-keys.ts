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
}

/** The keys in `dataDir`; makes the file, readable by its owner only, if there is none. */
export function accessKeys(dataDir: string): AccessKeys {
  const file = path.join(dataDir, KEYS_FILE);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as AccessKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const keys: AccessKeys = { function: newKey(), master: newKey(), durable: newKey() };
  writeFileSync(file, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  return keys;
}

const newKey = (): string => randomBytes(32).toString('base64url');
