// Where documents are parked on the Cosmos DB look-alike, through the official SDK.
import { createCosmosParking } from '../../src/adapters/cosmos-parking';
import { DATABASE, openAppDatabase } from '../support/app-database';
import { sharedCipher } from '../support/field-cipher';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

const small = { id: 'x' };
const large = { id: 'x', data: 'ü'.repeat(1_100_000) };
const text = JSON.stringify(large);

test.each<[string, object, string, string]>([
  [
    'with a reason longer than a document may be',
    small,
    'x must be 1; '.repeat(200_000),
    JSON.stringify(small),
  ],
  ['larger than a document may be', large, 'bad', text.slice(0, 100_000)],
])(
  'a document %s is parked once, encrypted, and stands in nobody’s way',
  async (name, document, reason, kept) => {
    const database = openAppDatabase(cosmos.url);
    const parking = createCosmosParking(database.container('parking'), {
      ...{ cipher: sharedCipher, clock: { nowMs: () => 0 }, tenantIds: ['first', 'other'] },
    });
    await parking.park(name, document, reason);
    await parking.park(name, document, 'another reason');
    const { resources } = await cosmos.client
      .database(DATABASE)
      .container('parking')
      .items.query<Record<string, unknown>>(
        { query: 'SELECT * FROM c WHERE c.source = @name', parameters: [{ name: '@name', value: name }] },
        { partitionKey: name },
      )
      .fetchAll();
    expect(resources).toEqual([
      expect.objectContaining({ tenantId: 'first', length: JSON.stringify(document).length }),
    ]);
    expect(JSON.stringify(resources)).not.toContain(kept.slice(0, 10));
    expect(reason.startsWith(String(resources[0]?.['reason']))).toBe(true);
    const shown = (await parking.list({ tenantId: 'first' }, 10)).filter(({ source }) => source === name);
    expect(shown).toEqual([expect.objectContaining({ source: name, text: kept })]);
    expect(await parking.list({ tenantId: 'other' }, 10)).toEqual([]);
  },
);
