// One suite for the marks of jobs: those in memory, and those on Cosmos DB through the official SDK.
import { createCosmosMarks } from '../../src/adapters/cosmos-marks';
import type { Marks } from '../../src/ports/marks';
import { openAppDatabase } from '../support/app-database';
import { createMemoryMarks } from '../support/memory-marks';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

const stores: readonly (readonly [string, () => Marks])[] = [
  ['in memory', createMemoryMarks],
  ['on Cosmos DB', () => createCosmosMarks(openAppDatabase(cosmos.url).container('saga-archive'))],
];

describe.each(stores)('marks %s', (_, open) => {
  test('are empty before the first, and are what was written last', async () => {
    const marks = open();
    expect(await marks.read('job-a')).toEqual({ mark: {}, etag: undefined });
    expect(await marks.write('job-a', { seen: '1' }, undefined)).toBe(true);
    const first = await marks.read('job-a');
    expect(first.mark).toEqual({ seen: '1' });
    expect(await marks.write('job-a', { from: '2' }, first.etag)).toBe(true);
    expect((await marks.read('job-a')).mark).toEqual({ from: '2' });
    expect((await marks.read('job-b')).mark).toEqual({});
  });

  test('are kept by one of two hosts that write at once', async () => {
    const marks = open();
    const race = (etag: string | undefined) =>
      Promise.all(['1', '2'].map((seen) => marks.write('job-c', { seen }, etag)));
    expect((await race(undefined)).sort()).toEqual([false, true]);
    const { etag } = await marks.read('job-c');
    expect((await race(etag)).sort()).toEqual([false, true]);
  });
});
