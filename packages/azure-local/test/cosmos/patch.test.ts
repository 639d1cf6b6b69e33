import type { Container, PatchOperation, PatchRequestBody } from '@azure/cosmos';
import fc from 'fast-check';
import { type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';
import { applyPatch, parsePatch } from '../../src/cosmos/patch';
import type { JsonObject } from '../../src/cosmos/protocol/json';

let cosmos: Cosmos;
let things: Container;

beforeAll(async () => {
  cosmos = await openCosmosTarget();
  things = await cosmos.container('/kind');
});

afterAll(() => cosmos.close());

const START = { n: 1, list: ['a', 'b', 'c'], deep: { x: { y: true } }, 'a/b': 1 };

/** The document after the patch, without its id, kind and system properties; or the status and message. */
async function patched(patch: PatchRequestBody): Promise<unknown> {
  await things.items.upsert({ id: 'p', kind: 'k', ...START });
  try {
    const { resource } = await things.item('p', 'k').patch<Record<string, unknown>>(patch);
    return Object.fromEntries(
      Object.entries(resource ?? {}).filter(
        ([key]) => !key.startsWith('_') && key !== 'id' && key !== 'kind',
      ),
    );
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code, message };
  }
}

describe('a patch', () => {
  test.each<[string, PatchOperation[], object]>([
    ['add makes a property', [{ op: 'add', path: '/new', value: { a: 1 } }], { ...START, new: { a: 1 } }],
    ['add overwrites a property', [{ op: 'add', path: '/n', value: null }], { ...START, n: null }],
    [
      'add inserts into an array',
      [{ op: 'add', path: '/list/1', value: 'x' }],
      { ...START, list: ['a', 'x', 'b', 'c'] },
    ],
    [
      'add appends with -',
      [{ op: 'add', path: '/list/-', value: 'x' }],
      { ...START, list: ['a', 'b', 'c', 'x'] },
    ],
    [
      'set overwrites an element',
      [{ op: 'set', path: '/list/1', value: 'x' }],
      { ...START, list: ['a', 'x', 'c'] },
    ],
    [
      'set makes a deep property',
      [{ op: 'set', path: '/deep/x/z', value: 2 }],
      { ...START, deep: { x: { y: true, z: 2 } } },
    ],
    [
      'replace changes what is there',
      [{ op: 'replace', path: '/deep/x', value: 2 }],
      { ...START, deep: { x: 2 } },
    ],
    ['remove takes an element out', [{ op: 'remove', path: '/list/0' }], { ...START, list: ['b', 'c'] }],
    ['incr adds', [{ op: 'incr', path: '/n', value: -3 }], { ...START, n: -2 }],
    ['incr makes a missing number', [{ op: 'incr', path: '/m', value: 3 }], { ...START, m: 3 }],
    ['a path escapes / as ~1', [{ op: 'set', path: '/a~1b', value: 2 }], { ...START, 'a/b': 2 }],
    [
      'move takes from one place to another',
      [{ op: 'move', from: '/deep/x', path: '/moved' } as never],
      { ...START, deep: {}, moved: { y: true } },
    ],
    [
      'operations see what earlier ones did',
      [
        { op: 'add', path: '/o', value: {} },
        { op: 'set', path: '/o/p', value: 1 },
        { op: 'incr', path: '/o/p', value: 1 },
      ],
      { ...START, o: { p: 2 } },
    ],
  ])('%s', async (_, operations, expected) => {
    expect(await patched(operations)).toEqual(expected);
  });

  test.each<[string, PatchOperation[]]>([
    ['replace of what is missing', [{ op: 'replace', path: '/no', value: 1 }]],
    ['remove of what is missing', [{ op: 'remove', path: '/no' }]],
    ['a parent that is missing', [{ op: 'set', path: '/no/deeper', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/list/4', value: 1 }]],
    ['incr of what is no number', [{ op: 'incr', path: '/list', value: 1 }]],
    ['the id', [{ op: 'set', path: '/id', value: 'x' }]],
    ['the partition key', [{ op: 'set', path: '/kind', value: 'x' }]],
    ['a system property', [{ op: 'set', path: '/_ts', value: 1 }]],
    ['a move into itself', [{ op: 'move', from: '/deep', path: '/deep/x/z' } as never]],
    [
      'more than ten operations',
      Array.from({ length: 11 }, () => ({ op: 'incr', path: '/n', value: 1 }) as const),
    ],
    ['an operation nobody knows', [{ op: 'copy', path: '/n', value: 1 } as never]],
  ])('refuses %s with 400 and changes nothing', async (_, operations) => {
    expect(await patched([{ op: 'set', path: '/n', value: 9 }, ...operations])).toMatchObject({ code: 400 });
    expect((await things.item('p', 'k').read()).resource).toMatchObject(START);
  });

  test('is applied only if its condition holds, else 412', async () => {
    const operations: PatchOperation[] = [{ op: 'incr', path: '/n', value: 1 }];
    expect(await patched({ condition: 'FROM c WHERE c.n = 1', operations })).toMatchObject({ n: 2 });
    expect(await patched({ condition: 'FROM c WHERE c.n > 1', operations })).toMatchObject({ code: 412 });
  });

  test('in any sequence of sets and removes leaves what plain assignment leaves', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');
    const step = fc.record({ key, value: fc.option(fc.jsonValue(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const document: JsonObject = {};
        const model = new Map<string, unknown>();
        const wanted = steps.filter(({ key: name, value }) => {
          if (value !== undefined) model.set(name, value);
          return value !== undefined || model.delete(name);
        });
        const operations = wanted.map(({ key: name, value }) =>
          value === undefined ? { op: 'remove', path: `/${name}` } : { op: 'set', path: `/${name}`, value },
        );
        if (operations.length > 0) applyPatch(document, parsePatch(operations, [['pk']]).operations);
        expect(new Map(Object.entries(document))).toEqual(model);
      }),
    );
  });

  test('in any sequence of adds and removes leaves what splice leaves', () => {
    const step = fc.record({ at: fc.nat(), value: fc.option(fc.integer(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const model = [0, 1, 2];
        const operations = steps.flatMap(({ at, value }) => {
          const index = value === undefined ? at % Math.max(1, model.length) : at % (model.length + 1);
          if (value === undefined && model.length === 0) return [];
          model.splice(index, value === undefined ? 1 : 0, ...(value === undefined ? [] : [value]));
          return [{ op: value === undefined ? 'remove' : 'add', path: `/list/${index}`, value }];
        });
        const document: JsonObject = { list: [0, 1, 2] };
        if (operations.length > 0) applyPatch(document, parsePatch(operations, [['pk']]).operations);
        expect(document.list).toEqual(model);
      }),
    );
  });
});
