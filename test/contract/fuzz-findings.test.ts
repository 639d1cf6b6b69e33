// Inputs that the fuzzer (`npm run fuzz`) once broke something with; each is named after what it was.
import { cleanUp, openEngine } from '../support/durable-harness';
import { openCosmos } from './cosmos-fixture';
import { createAuthorization, EMULATOR_KEY } from '../../local/cosmos/auth';

describe('the durable management API', () => {
  afterEach(cleanUp);

  test.each([
    ['GET', '/instances/fuzz-%zz'],
    ['POST', '/instances/fuzz-%zz/terminate'],
    ['POST', '/instances/%E0%A4%A/raiseEvent/%ff'],
  ])('takes the malformed escape in %s %s as it stands, and finds no such instance', async (method, path) => {
    const { call } = await openEngine();
    const headers = { 'Content-Type': 'application/json' };
    expect((await call(method, path, method === 'GET' ? undefined : '{}', headers)).status).toBe(404);
  });
});

describe('the Cosmos DB look-alike', () => {
  test.each(['%', '%ff', 'type%3Dmaster%26%zz'])(
    'refuses the malformed authorization %j as a 401',
    (authorization) => {
      const authorize = createAuthorization(EMULATOR_KEY);
      const request = {
        method: 'GET',
        resourceType: 'dbs',
        resourceLink: '',
        date: new Date().toUTCString(),
      };
      expect(() => authorize({ ...request, authorization })).toThrow(/authorization token|master key only/);
    },
  );

  test.each([
    ['brackets', `SELECT * FROM c WHERE ${'('.repeat(20_000)}true${')'.repeat(20_000)}`],
    ['NOTs', `SELECT * FROM c WHERE ${'NOT '.repeat(50_000)}true`],
  ])('refuses a query of very many nested %s as a 400, and goes on', async (_, query) => {
    const cosmos = await openCosmos();
    try {
      const container = await cosmos.container('/pk');
      await expect(container.items.query(query).fetchAll()).rejects.toMatchObject({ code: 400 });
      expect((await container.items.query('SELECT * FROM c').fetchAll()).resources).toEqual([]);
    } finally {
      await cosmos.close();
    }
  });
});
