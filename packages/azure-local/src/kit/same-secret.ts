// Comparison of a secret that a request brings, for every check of keys and signatures: its time says nothing of how much of it
// is right.
import { hash, timingSafeEqual } from 'node:crypto';

export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** Of one length, whatever the secret's is. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
