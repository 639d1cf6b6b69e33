// What expires leaves the file, however much of it there is.
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import { createDocument } from '../../src/cosmos/documents';
import { ExpirySweeper } from '../../src/cosmos/expiry';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';
import { silent } from '../../testing/cosmos-fixture';

const MANY = 12_000;

test('a container that is deleted in the middle of its sweep does not stop the sweep of others', async () => {
  const [journal, clock] = [new Journal(':memory:'), new ManualClock()];
  const catalog = new Catalog(journal, clock);
  await catalog.createDatabase({ id: 'db' });
  const seconds = Math.floor(clock.now() / 1000);
  for (const id of ['first', 'second']) {
    const definition = { id, partitionKey: { paths: ['/pk'] }, defaultTtl: 60 };
    const container = await catalog.createContainer('db', definition);
    await journal.write(() => {
      for (let n = 0; n < 2_000; n += 1)
        createDocument({ container, pk: '["p"]', seconds }, { id: `${n}`, pk: 'p' });
    });
  }
  const problems: unknown[] = [];
  const log = { ...silent, error: (_: string, error: unknown) => problems.push(error) };
  const sweeper = new ExpirySweeper(journal, clock, catalog, log);
  sweeper.arm();
  clock.advance(60_000);
  await catalog.deleteContainer('db', 'first');
  const left = 'SELECT count(*) AS n FROM cosmos_documents_2';
  await until('the other is swept', () => journal.statement(left).get<{ n: number }>()?.n === 0, 30_000);
  await sweeper.stop();
  await journal.close();
  expect(problems).toEqual([]);
});

test('one sweep deletes all expired documents, and no others', async () => {
  const [journal, clock] = [new Journal(':memory:'), new ManualClock()];
  const catalog = new Catalog(journal, clock);
  await catalog.createDatabase({ id: 'db' });
  const container = await catalog.createContainer('db', {
    id: 'c',
    partitionKey: { paths: ['/pk'] },
    defaultTtl: 60,
  });
  const seconds = Math.floor(clock.now() / 1000);
  await journal.write(() => {
    for (let n = 0; n < MANY; n += 1)
      createDocument(
        { container, pk: '["p"]', seconds },
        { id: `${n}`, pk: 'p', ...(n === 7 && { ttl: -1 }) },
      );
  });
  const rows = (): number =>
    journal.statement('SELECT count(*) AS n FROM cosmos_documents_1').get<{ n: number }>()?.n ?? 0;
  const sweeper = new ExpirySweeper(journal, clock, catalog, silent);
  sweeper.arm();
  clock.advance(59_000);
  await journal.settled();
  expect(rows()).toBe(MANY);
  clock.advance(1_000);
  await until('all are swept', () => rows() === 1, 30_000);
  await sweeper.stop();
  await journal.close();
});
