// What the Cosmos DB look-alike takes in of a transactional batch, a patch and a continuation token, and what it refuses.
import { parseBatch } from '../../src/cosmos/batch';
import type { Json, JsonObject } from '../../src/cosmos/protocol/json';
import { applyPatch, parsePatch } from '../../src/cosmos/patch';
import { decodeToken, encodeToken } from '../../src/cosmos/query-token';

const PK = '["o1"]';

describe('a batch', () => {
  const read = { operationType: 'Read', id: 'a' };

  test.each<[string, Json]>([
    ['its JSON text, as the SDK sends it', PK],
    ['the value itself', ['o1']],
  ])('takes an operation that names the key of the batch as %s', (_, partitionKey) => {
    expect(parseBatch([{ ...read, partitionKey }], PK)).toHaveLength(1);
  });

  test.each<[string, Json]>([
    ['text', '["o2"]'],
    ['a value', ['o2']],
  ])('refuses an operation on another partition, named as %s', (_, partitionKey) => {
    expect(() => parseBatch([read, { ...read, partitionKey }], PK)).toThrow('must have the partition key');
  });

  test.each<[Json]>([['Read'], [null], [{ id: 'a' }], [{ operationType: 1 }]])(
    'refuses %j, which is no operation',
    (operation) => {
      expect(() => parseBatch([operation], PK)).toThrow('an object with an operationType');
    },
  );

  test('leaves out what an operation writes when it says so or all do, and never what it reads', () => {
    const create = { operationType: 'Create', resourceBody: { id: 'a' } };
    const minimal = (all: boolean): boolean[] =>
      parseBatch([create, { ...create, minimalReturnPreference: true }, read], PK, all).map(
        (operation) => operation.minimal,
      );
    expect([minimal(false), minimal(true)]).toEqual([
      [false, true, false],
      [true, true, false],
    ]);
  });

  test('carries id, body and both conditions of an operation, and ignores what is not text', () => {
    const body = { id: 'a' };
    const whole = { ...read, ifMatch: '"1"', ifNoneMatch: '"2"', resourceBody: body };
    expect(parseBatch([whole, { operationType: 'Create', id: 1, ifMatch: 2, ifNoneMatch: 3 }], PK)).toEqual([
      { ...whole, minimal: false },
      {
        minimal: false,
        operationType: 'Create',
        id: '',
        ifMatch: undefined,
        ifNoneMatch: undefined,
        resourceBody: undefined,
      },
    ]);
  });

  test('has 1 to 100 operations', () => {
    expect(parseBatch(Array(100).fill(read), PK)).toHaveLength(100);
    expect(() => parseBatch(Array(101).fill(read), PK)).toThrow('this one has 101');
    expect(() => parseBatch([], PK)).toThrow('this one has 0');
  });
});

describe('a patch', () => {
  const set = { op: 'set', path: '/n', value: 1 };
  const patched = (document: JsonObject, ...operations: JsonObject[]): JsonObject => {
    applyPatch(document, parsePatch(operations, [['orderId']]).operations);
    return document;
  };

  test.each<[unknown]>([[{}], [[]], [{ operations: [] }], [{ operations: 'set' }], ['set'], [null]])(
    'refuses %j, in which there is nothing to do',
    (request) => {
      expect(() => parsePatch(request, [])).toThrow('a list of operations that is not empty');
    },
  );

  test('has at most ten operations', () => {
    expect(parsePatch(Array(10).fill(set), []).operations).toHaveLength(10);
    expect(() => parsePatch(Array(11).fill(set), [])).toThrow('this one has 11');
  });

  test.each([['n'], ['/'], [''], [1], [undefined]])('refuses the path %j', (path) => {
    expect(() => parsePatch([{ ...set, path }], [])).toThrow('A patch path is of the form');
  });

  test.each([['/a/b'], ['/a'], ['/a/b/c'], ['/id'], ['/_etag'], ['/_ts']])(
    'refuses %s when the partition key is /a/b: neither the key, nor what holds it, nor what the service keeps',
    (path) => {
      expect(() => parsePatch([{ ...set, path }], [['a', 'b']])).toThrow('cannot be patched');
      expect(() => parsePatch([{ op: 'move', from: path, path: '/n' }], [['a', 'b']])).toThrow('be patched');
    },
  );

  test('may change what lies beside the partition key', () => {
    expect(() =>
      parsePatch(
        [
          { ...set, path: '/a/c' },
          { ...set, path: '/b' },
        ],
        [['a', 'b']],
      ),
    ).not.toThrow();
  });

  test('names a property with a slash or a tilde by ~1 and ~0', () => {
    expect(patched({}, { ...set, path: '/a~1b' }, { ...set, path: '/c~0d' })).toEqual({ 'a/b': 1, 'c~d': 1 });
  });

  test('refuses a step without a value, and an increment by anything but a number', () => {
    expect(() => patched({}, { op: 'set', path: '/n' })).toThrow('has no value');
    expect(() => patched({ n: 1 }, { op: 'incr', path: '/n', value: '1' })).toThrow('must be a number');
  });

  test('holds for a document that meets its condition and for no other', () => {
    const { holdsFor } = parsePatch({ operations: [set], condition: 'from c where c.n = 1' }, []);
    expect([holdsFor({ n: 1 }), holdsFor({ n: 2 }), holdsFor({})]).toEqual([true, false, false]);
  });
});

describe('a continuation token of a query', () => {
  const after = { keys: [undefined, 'a', 1], rid: 7, place: Number.MAX_SAFE_INTEGER };

  test.each([
    { after, skip: 2, left: 3 },
    { after: undefined, skip: 0, left: Infinity },
  ])('says what %j says', (token) => {
    expect(decodeToken(encodeToken(token))).toEqual(token);
  });

  test.each([
    '[null,1,1,-1,-1]',
    '[null,null,null,1.5,1]',
    '[null,null,null,"1",1]',
    '[[],-1,1,0,1]',
    '[[],1,-1,0,1]',
    '[null,null,null]',
    '{}',
    'no JSON',
  ])('that no page ended with, as %s, is refused', (text) => {
    expect(() => decodeToken(Buffer.from(text).toString('base64url'))).toThrow(
      expect.objectContaining({ status: 400 }) as Error,
    );
  });
});
