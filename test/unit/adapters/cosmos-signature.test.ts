// Signatures of requests to Cosmos DB, of the text that its documentation says is signed.
// https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources
import { createHmac } from 'node:crypto';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { createSignatures } from '../../../src/adapters/cosmos-signature';

const REQUEST = {
  verb: 'GET',
  resourceType: 'dbs',
  resourceId: 'dbs/ToDoList',
  headers: { 'x-ms-date': 'Thu, 27 Apr 2017 00:51:12 GMT' },
};

test('a token signs the request in lower case, but for the name of the resource', async () => {
  const signature = createHmac('sha256', Buffer.from(EMULATOR_KEY, 'base64'))
    .update('get\ndbs\ndbs/ToDoList\nthu, 27 apr 2017 00:51:12 gmt\n\n')
    .digest('base64');
  expect(await createSignatures(EMULATOR_KEY)(REQUEST)).toBe(`type=master&ver=1.0&sig=${signature}`);
});

test('what is asked of one resource in one second is signed once', () => {
  const tokenOf = createSignatures(EMULATOR_KEY);
  const first = tokenOf(REQUEST);
  void tokenOf({ ...REQUEST, resourceId: 'dbs/Other' });
  expect(tokenOf(REQUEST)).toBe(first);
});

test('what was signed in a second is forgotten with the next', async () => {
  const tokenOf = createSignatures(EMULATOR_KEY);
  const first = tokenOf(REQUEST);
  await tokenOf({ ...REQUEST, headers: { 'x-ms-date': 'Thu, 27 Apr 2017 00:51:13 GMT' } });
  expect(tokenOf(REQUEST)).not.toBe(first);
});

test.each([
  ['verb', { ...REQUEST, verb: 'POST' }],
  ['kind of resource', { ...REQUEST, resourceType: 'colls' }],
  ['resource', { ...REQUEST, resourceId: 'dbs/Other' }],
  ['second', { ...REQUEST, headers: { 'x-ms-date': 'Thu, 27 Apr 2017 00:51:13 GMT' } }],
])('another %s has a token of its own', async (_, other) => {
  const tokenOf = createSignatures(EMULATOR_KEY);
  const first = await tokenOf(REQUEST);
  expect(await tokenOf(other)).not.toBe(first);
  expect(await tokenOf(REQUEST)).toBe(first);
});

test('the account itself is signed without a resource', async () => {
  const { resourceId: _, ...account } = { ...REQUEST, resourceType: '' };
  const tokenOf = createSignatures(EMULATOR_KEY);
  expect(await tokenOf(account)).toBe(await tokenOf({ ...account, resourceId: '' }));
});
