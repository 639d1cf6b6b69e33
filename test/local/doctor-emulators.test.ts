// Tests for `npm run doctor -- --emulators`: which emulators answer, and what does.
import { createServer } from 'node:http';
import { openCosmos } from 'azure-local/testing/cosmos-fixture';
import { openServiceBus } from 'azure-local/testing/servicebus-fixture';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { checkEmulators } from '../../local/doctor/check-emulators';
import type { Finding } from '../../local/doctor/finding';

describe('emulators', () => {
  const ALL_AWAY = { blobs: 2, queues: 2, tables: 2, cosmos: 2, servicebus: 2 };
  const of = (name: string, findings: readonly Finding[]): string | undefined =>
    findings.map(({ status, message }) => `${status} ${message}`).find((line) => line.includes(name));

  test('that do not answer are errors that say how to start them', async () => {
    const findings = await checkEmulators(ALL_AWAY);
    expect(findings.map(({ status }) => status)).toEqual(Array(5).fill('error'));
    expect(of('Cosmos DB', findings)).toContain('Cosmos DB does not answer on 2: connect ECONNREFUSED');
    expect(findings.map(({ remedy }) => remedy).join()).toContain('docker compose up --wait');
  });

  test('that answer are told apart: the look-alikes by name', async () => {
    const cosmos = await openCosmos();
    const bus = await openServiceBus();
    const port = (address: string): number => Number(/127\.0\.0\.1:(\d+)/.exec(address)?.[1]);
    try {
      const findings = await checkEmulators({
        ...ALL_AWAY,
        cosmos: port(cosmos.url),
        servicebus: port(bus.connectionString),
      });
      expect(of('Cosmos DB', findings)).toMatch(/^ok .* the look-alike of this project/);
      expect(of('Service Bus', findings)).toMatch(/^ok .* a broker that speaks AMQP/);
    } finally {
      await cosmos.close();
      await bus.close();
    }
  });

  test('that another program stands for are errors, Azurite is one by its own name', async () => {
    const listen = async (server: string): Promise<[number, () => void]> => {
      const http = createServer((_request, response) => response.setHeader('server', server).end());
      const port = await listenOnLoopback(http, 0, 'test', '--port');
      return [port, () => http.close()];
    };
    const [azurite, stopAzurite] = await listen('Azurite-Blob/3.35.0');
    const [other, stopOther] = await listen('nginx');
    const findings = await checkEmulators({ ...ALL_AWAY, blobs: azurite, queues: other, servicebus: other });
    expect(of('(blobs)', findings)).toMatch(/^ok .* Azurite-Blob\/3\.35\.0$/);
    expect(of('(queues)', findings)).toContain('something that is not Azurite holds the port');
    expect(of('Service Bus', findings)).toMatch(/^error /);
    stopAzurite();
    stopOther();
  });
});
