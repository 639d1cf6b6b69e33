// Matcher for LIKE: `%` any run of characters, `_` one character, a character after ESCAPE itself.
import { CosmosError } from '../protocol/errors';

const ANY = Symbol('%');
const ONE = Symbol('_');
type Part = string | typeof ANY | typeof ONE;

/**
 * A matcher of texts against patterns. The last pattern's is kept, because a query matches one against many rows; one
 * that is `known` beforehand is refused at once if it cannot be read.
 */
export function createLike(
  escape: string | undefined,
  known: unknown,
): (text: string, pattern: string) => boolean {
  let last = typeof known === 'string' ? { pattern: known, parts: partsOf(known, escape) } : undefined;
  return (text, pattern) => {
    if (last?.pattern !== pattern) last = { pattern, parts: partsOf(pattern, escape) };
    return matches(Array.from(text), last.parts);
  };
}

function partsOf(pattern: string, escape: string | undefined): readonly Part[] {
  const parts: Part[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped) parts.push(character);
    else if (character === escape) {
      escaped = true;
      continue;
    } else if (character === '%') parts.push(ANY);
    else if (character === '_') parts.push(ONE);
    else if (character === '[')
      throw new CosmosError(
        400,
        "LIKE with a character class ('[…]') is not supported: use ESCAPE for a literal '['.",
      );
    else parts.push(character);
    escaped = false;
  }
  return parts;
}

/**
 * Tries other places only for what follows the last `%` it came to: what stands before it has the first place there is,
 * and a later one would not help. A regular expression tries them all, which for a few `%` takes for ever.
 */
function matches(text: readonly string[], parts: readonly Part[]): boolean {
  let [at, part, from] = [0, 0, 0];
  let afterAny: number | undefined;
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted === ANY) {
      part += 1;
      [afterAny, from] = [part, at];
    } else if (wanted === ONE || wanted === text[at]) {
      part += 1;
      at += 1;
    } else if (afterAny === undefined) {
      return false;
    } else {
      from += 1;
      [at, part] = [from, afterAny];
    }
  }
  return parts.slice(part).every((rest) => rest === ANY);
}
