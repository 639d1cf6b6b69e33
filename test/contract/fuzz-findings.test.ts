// Inputs that the fuzzer (`npm run fuzz`) once broke something with; each is named after what it was.
import { cleanUp, openEngine } from '../support/durable-harness';

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
