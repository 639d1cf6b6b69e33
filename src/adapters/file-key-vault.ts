// Vault in one file, for a machine of one's own: it holds the key itself, so whoever can read file and store reads all.
//
// file-key-vault.F1  The file is made at the first wrapping, readable by its owner only; of several makers at once the first
//   wins. It is never made by an unwrapping: what was wrapped with a file that is gone stays shut.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TerminalError } from '../errors';
import type { KeyVault } from '../ports/key-vault';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** The vault over `file`. */
export function createFileKeyVault(file: string): KeyVault {
  return {
    wrap: (key) => {
      const master = readKey(file) ?? makeKey(file);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, master, nonce);
      const bytes = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
      return Promise.resolve({ wrapped: bytes.toString('base64url'), wrappedBy: fingerprint(master) });
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown is a rejection
    unwrap: async ({ wrapped, wrappedBy }) => {
      const master = readKey(file);
      if (master === undefined)
        throw refused(`the key file ${file} is gone, and the store holds what it encrypted`);
      if (fingerprint(master) !== wrappedBy)
        throw refused(`the key file ${file} is not the one that the store was encrypted with`);
      const bytes = Buffer.from(wrapped, 'base64url');
      const decipher = createDecipheriv(ALGORITHM, master, bytes.subarray(0, NONCE_BYTES)).setAuthTag(
        bytes.subarray(-TAG_BYTES),
      );
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}

function readKey(file: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refused(`the key file ${file} cannot be read: ${(error as Error).message}`);
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length === KEY_BYTES) return key;
  throw refused(`the key file ${file} does not hold ${KEY_BYTES} bytes in base64url`);
}

/** file-key-vault.F1. Linked when it is whole: nobody reads half of a key. */
function makeKey(file: string): Buffer {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(draft, randomBytes(KEY_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw refused(`the key file ${file} cannot be made: ${(error as Error).message}`);
  } finally {
    rmSync(draft, { force: true });
  }
  const key = readKey(file);
  if (key === undefined) throw refused(`the key file ${file} is gone`);
  return key;
}

/** Names a key without saying anything about it. */
function fingerprint(key: Buffer): string {
  return `file:${createHash('sha256').update('fingerprint').update(key).digest('base64url').slice(0, 16)}`;
}

function refused(why: string): TerminalError {
  return new TerminalError('VAULT_REFUSED', `${why} (OrderProcessing:EncryptionKey)`);
}
