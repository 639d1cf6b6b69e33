// Rows as the statements of a journal give them.
import { Journal } from '../../src/storage/journal';

let journal: Journal;

beforeEach(() => {
  journal = new Journal(':memory:');
  journal.schema('CREATE TABLE kept (name TEXT, bytes BLOB)');
  journal.statement('INSERT INTO kept VALUES (?, ?)').run('first', Buffer.from([1, 2]));
});
afterEach(() => journal.close());

test('a row has its columns by their names and nothing else, one alone as among others', () => {
  const row = { called: 'first', bytes: Buffer.from([1, 2]), missing: null };
  const statement = journal.statement('SELECT name AS called, bytes, NULL AS missing FROM kept');
  expect(statement.get()).toEqual(row);
  expect(statement.all()).toEqual([row]);
});

test('where there is no row, one is undefined and all are none', () => {
  const statement = journal.statement('SELECT name FROM kept WHERE name = ?');
  expect(statement.get('second')).toBeUndefined();
  expect(statement.all('second')).toEqual([]);
});
