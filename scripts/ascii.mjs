// Converts a bundle to plain ASCII. With one character beyond Latin-1, be it in a comment, V8 keeps the whole text
// with two bytes for each character for the life of the process: 13 MB of the host's memory.
import { readFileSync, writeFileSync } from 'node:fs';

/** The same program: esbuild has escaped its strings, and what it leaves stands in comments and regular expressions. */
export function toAscii(program) {
  return program.replace(
    /[^\x00-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Rewrites `file`, unless it is plain already. */
export function makeAscii(file) {
  const program = readFileSync(file, 'utf8');
  const plain = toAscii(program);
  if (plain !== program) writeFileSync(file, plain);
}
