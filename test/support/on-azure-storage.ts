// Runs a suite of the durable contract once more on the storage mode `azure`, without the tests that are listed with the
// reason why they do not hold there. To be called in a test file of its own: the app's functions are registered once.
import { useStorage } from './durable-harness';

type Each = (table: readonly unknown[]) => (title: string, ...rest: unknown[]) => unknown;

/** Declares the tests of `suite`; a title in `others` that the suite does not have fails. */
export function onAzureStorage(suite: string, others: Readonly<Record<string, string>> = {}): void {
  useStorage('azure');
  const declare = globalThis.test;
  const seen = new Set<string>();
  const isOther = (title: string): boolean => {
    if (!(title in others)) return false;
    seen.add(title);
    return true;
  };
  const filtered = (title: string, ...rest: unknown[]): unknown =>
    isOther(title) ? undefined : Reflect.apply(declare, undefined, [title, ...rest]);
  const each: Each =
    (table) =>
    (title, ...rest) =>
      isOther(title)
        ? undefined
        : Reflect.apply(Reflect.apply(declare.each, declare, [table]) as Each, undefined, [title, ...rest]);
  globalThis.test = Object.assign(filtered, declare, { each }) as unknown as typeof test;
  try {
    jest.requireActual(suite);
  } finally {
    globalThis.test = declare;
  }
  test('every test that is left out on this storage is one of the suite', () => {
    expect([...seen].sort()).toEqual(Object.keys(others).sort());
  });
}
