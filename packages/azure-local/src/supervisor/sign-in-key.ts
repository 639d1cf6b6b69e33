// Key of the look-alike of the platform's sign-in: made once per data folder, so that tokens outlive a restart.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const SIGN_IN_KEY_FILE = 'sign-in.key';

/** The key of `dataDir`; makes the file, readable by its owner only. Of several makers at once the first wins. */
export function signInKey(dataDir: string): string {
  const file = path.join(dataDir, SIGN_IN_KEY_FILE);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8');
}
