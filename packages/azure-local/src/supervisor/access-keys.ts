// Function keys that --keys enforces: made once per data folder, so that they outlive a restart.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostKeys } from '../kit/host-keys';

export const KEYS_FILE = 'keys.json';

/** The keys in `dataDir`; makes the file, readable by its owner only, and what it lacks. */
export function accessKeys(dataDir: string): HostKeys {
  const file = path.join(dataDir, KEYS_FILE);
  const kept = readKeys(file);
  const fresh = { function: newKey(), master: newKey(), durable: newKey(), eventgrid: newKey() };
  const keys: HostKeys = { ...fresh, ...kept };
  if (Object.keys(kept).length < Object.keys(keys).length) {
    writeFileSync(file, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  }
  return keys;
}

function readKeys(file: string): Partial<HostKeys> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<HostKeys>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {};
  }
}

const newKey = (): string => randomBytes(32).toString('base64url');
