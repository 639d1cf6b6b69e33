// Runs a suite of the durable contract once more on the storage mode `azure`, without the tests that are listed with the
// reason why they do not hold there. To be called in a test file of its own: the app's functions are registered once.
import { useStorage } from './durable-harness';

/** Declares the tests of the file `suite` (a path, as `require.resolve` gives it); a title in `others` that the suite does not have fails. */
export function onAzureStorage(suite: string, others: Readonly<Record<string, string>> = {}): void {
  useStorage('azure');
  const declare = globalThis.test;
  const seen = new Set<string>();
  const isOther = (title: string): boolean => {
    if (!(title in others)) return false;
    seen.add(title);
    return true;
  };
  const filtered = (title: string, ...rest: unknown[]): void => {
    if (!isOther(title)) Reflect.apply(declare, undefined, [title, ...rest]);
  };
  const each =
    (table: readonly unknown[]) =>
    (title: string, ...rest: unknown[]): void => {
      const declareRows = declare.each(table);
      if (!isOther(title)) Reflect.apply(declareRows, undefined, [title, ...rest]);
    };
  globalThis.test = Object.assign(filtered, declare, { each });
  try {
    jest.requireActual(suite);
  } finally {
    globalThis.test = declare;
  }
  test('every test that is left out on this storage is one of the suite', () => {
    expect([...seen].sort()).toEqual(Object.keys(others).sort());
  });
}
