// Codec of what an app throws, as it passes from one thread to another.
import fc from 'fast-check';
import { decodeThrown, encodeThrown } from '../../src/host/thrown';

const passed = (thrown: unknown): unknown => decodeThrown(structuredClone(encodeThrown(thrown)));

test('an error arrives with its name, message, stack and causes', () => {
  class CardError extends Error {
    override readonly name = 'CardError';
  }
  const thrown = new CardError('declined', { cause: new RangeError('no money', { cause: 'deepest' }) });
  const error = passed(thrown) as Error & { readonly cause: Error };
  expect(error).toBeInstanceOf(Error);
  expect([String(error), error.stack]).toEqual(['CardError: declined', thrown.stack]);
  expect([String(error.cause), error.cause.cause]).toEqual(['RangeError: no money', 'deepest']);
  expect(Object.keys(error)).toEqual([]);
});

test('an error without a stack, as durable-functions makes for an orchestrator that fails, arrives as one', () => {
  const thrown = new Error('no parcel\n\n$OutOfProcData$:{}');
  Object.assign(thrown, { stack: undefined });
  const error = passed(thrown) as Error;
  expect(error).toBeInstanceOf(Error);
  expect([error.message, error.stack]).toEqual([thrown.message, undefined]);
});

test('an error of another realm, which is no Error here, arrives as one', () => {
  expect(passed({ message: 'boom', stack: 'Error: boom\n at vm' })).toBeInstanceOf(Error);
});

test('a value of JSON arrives as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(JSON.stringify(passed(value))).toBe(JSON.stringify(value));
    }),
  );
});

const cycle: { self?: object } = {};
cycle.self = cycle;

test.each<[string, unknown, unknown]>([
  ['undefined', undefined, undefined],
  ['a BigInt', 7n, 7n],
  ['a function', () => 1, '[Function (anonymous)]'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a cycle', cycle, '<ref *1> { self: [Circular *1] }'],
])('%s arrives as what can be passed on of it', (_what, thrown, arrived) => {
  expect(passed(thrown)).toEqual(arrived);
});

test('an error that is its own cause arrives without an endless chain', () => {
  const error = new Error('round');
  error.cause = error;
  expect(String(passed(error))).toBe('Error: round');
});
