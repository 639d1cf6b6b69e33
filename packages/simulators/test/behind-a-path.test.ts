// Simulators that the internet can reach: whoever does not know the first segment of the path reaches nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { wallClock } from 'azure-local/kit/clock';
import { Journal } from 'azure-local/storage/journal';
import fc from 'fast-check';
import { createPathReader } from '../src/path-prefix';
import { createServicesServer, type ServicesServer } from '../src/server';

const PREFIX = '6f0d8c1e-9a55-5a57-8d0e-2f9c1f0b7a11';

describe('simulators behind a path', () => {
  let folder: string;
  let journal: Journal;
  let server: ServicesServer;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'simulators-'));
    journal = new Journal(path.join(folder, 'simulators.db'));
    const quiet = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    server = createServicesServer({ journal, clock: wallClock(), log: quiet, pathPrefix: PREFIX });
    url = await server.listen(0);
  });
  afterAll(async () => {
    await server.close();
    await journal.close();
    rmSync(folder, { recursive: true });
  });

  test.each(['/control/ledger', '/inventory/reservations', '/', '/control', `/${PREFIX}x/control/ledger`])(
    'answer %s with 404, control API included',
    async (target) => {
      expect((await fetch(`${url}${target}`)).status).toBe(404);
    },
  );

  test('answer below it as they do elsewhere, queries included', async () => {
    const response = await fetch(`${url}/${PREFIX}/control/ledger?orderId=o-1`);
    expect([response.status, await response.json()]).toEqual([200, []]);
  });

  test('say without it whether they are well', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

test('a path leads below the prefix exactly when the prefix is its first segment', () => {
  const read = createPathReader(PREFIX);
  fc.assert(
    fc.property(fc.webPath(), fc.boolean(), (rest, withPrefix) => {
      fc.pre(rest.startsWith('/') && rest !== '/healthz' && !rest.startsWith(`/${PREFIX}/`));
      expect(read(withPrefix ? `/${PREFIX}${rest}` : rest)).toBe(withPrefix ? rest : '/');
    }),
  );
});
