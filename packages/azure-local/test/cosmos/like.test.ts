// LIKE of the Cosmos DB look-alike against a plain reading of what its patterns mean.
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { createLike } from '../../src/cosmos/sql/like';

/** The specification, without the product's way of finding a place for every `%`. */
function fits([first, ...text]: readonly string[], [wanted, ...pattern]: readonly string[]): boolean {
  if (wanted === undefined) return first === undefined;
  if (wanted === '%')
    return (
      fits(first === undefined ? [] : [first, ...text], pattern) ||
      (first !== undefined && fits(text, [wanted, ...pattern]))
    );
  return first !== undefined && (wanted === '_' || wanted === first) && fits(text, pattern);
}

test('LIKE matches exactly the texts that its pattern describes', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', '\u{1F600}', '.'), { maxLength: 8 });
  const patterns = fc.array(fc.constantFrom('a', 'b', '\u{1F600}', '.', '%', '%', '_'), { maxLength: 8 });
  fc.assert(
    fc.property(texts, patterns, (text, pattern) => {
      const like = createLike(undefined, undefined);
      expect(like(text.join(''), pattern.join(''))).toBe(fits(text, pattern));
    }),
  );
});

test('a character after ESCAPE stands for itself', () => {
  const like = createLike('!', undefined);
  expect(like('100%', '%!%')).toBe(true);
  expect(like('1000', '%!%')).toBe(false);
});

test('a pattern of many % is matched against a long text in little time', () => {
  const match = createLike(undefined, undefined);
  const given = { match, text: 'a'.repeat(20_000), pattern: `${'%a'.repeat(10)}%b` };
  expect(runInNewContext('match(text, pattern)', given, { timeout: 20_000 })).toBe(false);
});
