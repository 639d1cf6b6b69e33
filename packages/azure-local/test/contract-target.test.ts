// What the contract suites are pointed at, and what an emulator is not asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectCosmos } from '../testing/cosmos-emulator';
import { openCosmos } from '../testing/cosmos-fixture';
import { parseTarget, target } from '../testing/contract-target';
import { connectServiceBus } from '../testing/servicebus-emulator';
import { config, openServiceBus, queue, receiveOne } from '../testing/servicebus-fixture';

test.each([
  [undefined, {}],
  ['0', {}],
  ['1', { cosmos: 'https://127.0.0.1:8081', servicebus: '127.0.0.1:5672', management: '127.0.0.1:5300' }],
  ['cosmos=http://127.0.0.1:9000', { cosmos: 'http://127.0.0.1:9000' }],
  ['servicebus=a:1,management=a:2', { servicebus: 'a:1', management: 'a:2' }],
])('AZURE_EMULATORS=%s points the contract suites at %j', (text, expected) => {
  expect(parseTarget(text)).toEqual(expected);
});

test.each([
  ['yes', "'yes' is none of cosmos=…, servicebus=…, management=…"],
  ['cosmos=', "'cosmos=' is none of"],
  ['servicebus=a:1', 'servicebus and management go together'],
])('AZURE_EMULATORS=%s is refused with what is wrong', (text, message) => {
  expect(() => parseTarget(text)).toThrow(message);
});

test('a Cosmos DB elsewhere is used in databases of its own, which are gone afterwards', async () => {
  const elsewhere = await openCosmos();
  const connected = connectCosmos(elsewhere.url);
  const things = await connected.container('/kind');
  await things.items.create({ id: 'a', kind: 'k' });
  const link = things.url.replaceAll(/^\/|\/$/g, '');
  const { status } = await connected.raw('GET', `/${link}`, { type: 'colls', link });
  expect(status).toBe(200);
  expect(() => connected.clock).toThrow('declare the fact as one for the look-alike only');
  await connected.close();
  expect((await elsewhere.client.databases.readAll().fetchAll()).resources).toEqual([]);
  await elsewhere.close();
});

/** What the SDK wants to find in a description of a queue, a topic or a subscription. */
const DESCRIBED = Object.entries({
  ...{ LockDuration: 'PT1M', DefaultMessageTimeToLive: 'PT1H', DuplicateDetectionHistoryTimeWindow: 'PT5M' },
  ...{ MaxSizeInMegabytes: 1024, MaxDeliveryCount: 3, AutoDeleteOnIdle: 'PT1H', Status: 'Active' },
  ...{ RequiresSession: false, RequiresDuplicateDetection: false, DeadLetteringOnMessageExpiration: false },
  ...{
    EnablePartitioning: false,
    EnableBatchedOperations: true,
    EnableExpress: false,
    SupportOrdering: true,
  },
  ...{ DeadLetteringOnFilterEvaluationExceptions: false, EntityAvailabilityStatus: 'Available' },
})
  .map(([name, value]) => `<${name}>${value}</${name}>`)
  .join('');

/** A management API that has no entity and creates what it is asked to, and what it was asked. */
async function openManagement(): Promise<{ address: string; requests: string[]; close(): Promise<unknown> }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const [path = ''] = request.url?.split('?') ?? [];
    requests.push(`${request.method} ${path}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const entry = Buffer.concat(chunks).toString();
      response
        .writeHead(request.method === 'PUT' ? 201 : 404, { 'content-type': 'application/atom+xml' })
        .end(
          entry
            .replace('<content', `<id>https://here${path}</id><content`)
            .replace(/(<(\w+Description)[^>]*>).*(<\/\2>)/s, `$1${DESCRIBED}$3`),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a Service Bus elsewhere gets its queues and topics by its management API, over http', async () => {
  const PROPERTIES = { DefaultMessageTimeToLive: 'PT1H' };
  const entities = config(
    [queue('q', { MaxDeliveryCount: 3 })],
    [{ Name: 't', Properties: PROPERTIES, Subscriptions: [{ Name: 's', Properties: PROPERTIES }] }],
  );
  const [management, elsewhere] = [await openManagement(), await openServiceBus(entities)];
  try {
    const [, servicebus = ''] = /sb:\/\/([^;/]+)/.exec(elsewhere.connectionString) ?? [];
    const connected = await connectServiceBus({ servicebus, management: management.address }, entities);
    await connected.client.createSender('q').sendMessages({ body: 'here' });
    expect((await receiveOne(elsewhere.client.createReceiver('q'))).body).toBe('here');
    await connected.close();
    expect(management.requests.filter((line) => line.startsWith('PUT'))).toEqual([
      'PUT /q',
      'PUT /t',
      'PUT /t/Subscriptions/s',
    ]);
  } finally {
    await elsewhere.close();
    await management.close();
  }
});

const ask = target.cosmos === undefined ? test.skip : test;
ask(
  'AZURE_EMULATORS=1 with docker compose up --wait asks the official emulators for the facts of the contract suites',
  () => {
    expect(Object.keys(target)).not.toEqual([]);
  },
);
