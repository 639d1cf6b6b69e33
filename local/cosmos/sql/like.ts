// LIKE: `%` any run of characters, `_` one character, a character after ESCAPE itself.
import { CosmosError } from '../errors';

const SPECIAL = /[.*+?^${}()|[\]\\/]/;
const literal = (character: string): string => (SPECIAL.test(character) ? `\\${character}` : character);

/**
 * A matcher of texts against patterns. The last pattern's is kept, because a query matches one against many rows; one
 * that is `known` beforehand is refused at once if it cannot be read.
 */
export function createLike(
  escape: string | undefined,
  known: unknown,
): (text: string, pattern: string) => boolean {
  let last = typeof known === 'string' ? { pattern: known, expression: toRegExp(known, escape) } : undefined;
  return (text, pattern) => {
    if (last?.pattern !== pattern) last = { pattern, expression: toRegExp(pattern, escape) };
    return last.expression.test(text);
  };
}

function toRegExp(pattern: string, escape: string | undefined): RegExp {
  let source = '';
  let escaped = false;
  for (const character of pattern) {
    if (escaped) source += literal(character);
    else if (character === escape) {
      escaped = true;
      continue;
    } else if (character === '%') source += '.*';
    else if (character === '_') source += '.';
    else if (character === '[')
      throw new CosmosError(
        400,
        "LIKE with a character class ('[…]') is not supported: use ESCAPE for a literal '['.",
      );
    else source += literal(character);
    escaped = false;
  }
  return new RegExp(`^${source}$`, 'su');
}
