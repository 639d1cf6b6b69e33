// A program that writes a journal, group by group, says so, and waits to be killed.
import { Journal } from '../../src/storage/journal';

const [file = '', groups = '0'] = process.argv.slice(2);

async function main(): Promise<void> {
  const journal = new Journal(file);
  journal.schema(
    'CREATE TABLE IF NOT EXISTS entries (batch INTEGER, part INTEGER, text TEXT, PRIMARY KEY (batch, part)); ' +
      'CREATE TABLE IF NOT EXISTS sums (name TEXT PRIMARY KEY, entries INTEGER NOT NULL)',
  );
  journal.statement("INSERT OR IGNORE INTO sums VALUES ('all', 0)").run();
  const add = journal.statement('INSERT INTO entries VALUES (?, ?, ?)');
  const count = journal.statement("UPDATE sums SET entries = entries + 1 WHERE name = 'all'");
  const put = (batch: number, part: number): Promise<void> =>
    journal.write(() => {
      // Small ones share a page; every seventh takes several, so that transactions have one frame or many.
      add.run(batch, part, 'x'.repeat(batch % 7 === 0 ? 9_000 : 40));
      count.run();
    });
  for (let batch = 0; batch < Number(groups); batch += 1) {
    await Promise.all([put(batch, 0), put(batch, 1), put(batch, 2)]);
  }
  process.send?.({ written: Number(groups) });
  setInterval(() => undefined, 60_000);
}

void main();
