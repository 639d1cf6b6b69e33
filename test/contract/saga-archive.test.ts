// How far the purge of histories has come, on the Cosmos DB look-alike through the official SDK.
import { createCosmosSagaArchive } from '../../src/adapters/cosmos-saga-archive';
import { DATABASE, openAppDatabase } from '../support/app-database';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

const archive = () =>
  createCosmosSagaArchive(openAppDatabase(cosmos.url).container('saga-archive'), { nowMs: () => 0 });
const first = { seenUntil: '2026-01-01', kept: [] };
const second = {
  seenUntil: '2026-01-02',
  kept: [{ orderId: 'o-1', why: 'it is Running', lookAgainAt: '2026-02-01' }],
};

test('the progress of the purge is written only by a run that has read the newest', async () => {
  const progress = archive();
  expect(await progress.readProgress()).toEqual({ progress: { seenUntil: '', kept: [] }, etag: undefined });
  const etag = await progress.writeProgress(first, undefined);
  expect(await progress.writeProgress(second, undefined)).toBeUndefined();
  expect(await progress.readProgress()).toEqual({ progress: first, etag });

  const next = await progress.writeProgress(second, etag);
  expect(await progress.writeProgress(first, etag)).toBeUndefined();
  expect(await progress.readProgress()).toEqual({ progress: second, etag: next });
});

test('progress as an earlier build wrote it has kept nothing', async () => {
  const container = cosmos.client.database(DATABASE).container('saga-archive');
  await container.items.upsert({ id: 'seen-until', seenUntil: '2026-01-03' });
  expect((await archive().readProgress()).progress).toEqual({ seenUntil: '2026-01-03', kept: [] });
});
