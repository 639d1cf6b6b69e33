// Ciphertext of one value: AES-256-GCM under one key, bound to the place that it stands in. Pure but for the random nonce.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Sealed } from '../domain/personal-data';
import { TerminalError } from '../errors';

/** A key as it is used: what it was derived from is not kept. */
export interface UnlockedKey {
  readonly id: string;
  readonly encryption: Uint8Array;
  readonly hashing: Uint8Array;
}

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';

/** One key for each use, so that none says anything about another. */
export function unlockedKey(id: string, key: Uint8Array): UnlockedKey {
  const derived = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', key, '', `order-saga ${use}`, KEY_BYTES));
  return { id, encryption: derived('encryption'), hashing: derived('hashing') };
}

/** `v1.<key id>.<nonce, ciphertext and tag>`. `place`: what it is bound to; the key's id is added. */
export function encrypt(key: UnlockedKey, place: readonly string[], plain: Uint8Array): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.encryption, nonce).setAAD(authenticated(key.id, place));
  const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${key.id}.${bytes.toString('base64url')}`;
}

/** Throws a TerminalError CIPHERTEXT_INVALID for what was changed, or encrypted for another place or with another key. */
export function decrypt(key: UnlockedKey, place: readonly string[], sealed: Sealed): Uint8Array {
  const bytes = Buffer.from(sealed.split('.')[2] ?? '', 'base64url');
  try {
    const decipher = createDecipheriv(ALGORITHM, key.encryption, bytes.subarray(0, NONCE_BYTES))
      .setAAD(authenticated(key.id, place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw invalidCiphertext(place, error);
  }
}

/** The id of the key that a ciphertext or hash names. */
export function keyIdIn(text: string): string {
  const [version, id = ''] = text.split('.');
  if (version !== VERSION) throw invalidCiphertext([]);
  return id;
}

/** `v1.<key id>.<HMAC-SHA-256>`. */
export function keyedHash(key: UnlockedKey, text: string): string {
  return `${VERSION}.${key.id}.${createHmac('sha256', key.hashing).update(text).digest('base64url')}`;
}

function authenticated(keyId: string, place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([...place, keyId]));
}

function invalidCiphertext(place: readonly string[], cause?: unknown): TerminalError {
  return new TerminalError(
    'CIPHERTEXT_INVALID',
    `what is encrypted at ${place.join(' ')} cannot be read`,
    cause,
  );
}
