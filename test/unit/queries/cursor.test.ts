// Cursors: what one list gave out leads on in that list, and in no other.
import fc from 'fast-check';
import { z } from 'zod';
import { positionIn, toCursor } from '../../../src/queries/cursor';

const schema = z.strictObject({ at: z.string(), id: z.string() });
const query = { list: 'orders', customer: 'a', status: undefined };
const position = { at: '2026-01-01T00:00:00.000Z', id: 'order-1' };
const cursor = toCursor(query, position);

describe('a cursor', () => {
  test('leads back to its place in the list that gave it out', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (at, id) => {
        expect(positionIn(query, toCursor(query, { at, id }), schema)).toEqual({ at, id });
      }),
    );
  });

  test.each([
    ['of another customer', { ...query, customer: 'b' }],
    ['with another filter', { ...query, status: 'failed' }],
    ['of another kind', { ...query, list: 'events' }],
  ])('cursor.K1: is none in a list %s', (_, other) => {
    expect(positionIn(other, cursor, schema)).toBeUndefined();
  });

  test('cursor.K2: is none with one character changed, added or left out', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: cursor.length }),
        fc.nat({ max: 1 }),
        fc.string({ maxLength: 2 }),
        (at, cut, put) => {
          const text = cursor.slice(0, at) + put + cursor.slice(at + cut);
          fc.pre(text !== cursor);
          expect(positionIn(query, text, schema)).toBeUndefined();
        },
      ),
    );
  });

  test('cursor.K2: is none when it is any other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json()), (text) => {
        expect(positionIn(query, text, schema)).toBeUndefined();
        expect(positionIn(query, Buffer.from(text).toString('base64url'), schema)).toBeUndefined();
      }),
    );
  });

  test('is none when its place is not of the kind that the list has', () => {
    const other = toCursor(query, { at: 1 });
    expect(positionIn(query, other, schema)).toBeUndefined();
  });
});
