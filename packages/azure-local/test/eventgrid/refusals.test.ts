// What the Event Grid SDK offers and the look-alike does not simulate: refused by name, and no event is taken.
// Definitions of topics and subscriptions that are refused are in eventgrid-publish.test.ts.
import {
  AzureKeyCredential,
  AzureSASCredential,
  EventGridPublisherClient,
  generateSharedAccessSignature,
} from '@azure/eventgrid';
import { LOCAL_KEY } from '../../src/eventgrid/topics';
import {
  closeAll,
  openEndpoint,
  openGrid,
  sdkEvent,
  type Endpoint,
  type Grid,
} from '../../testing/eventgrid-fixture';

const KEY = new AzureKeyCredential(LOCAL_KEY);
const OPTIONS = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
const CLOUD_EVENT = { type: 'T', source: '/s', data: { a: 1 } };

let grid: Grid;
let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await openEndpoint();
  const subscriptions = [{ name: 'all', endpointUrl: endpoint.url }];
  grid = await openGrid([
    { name: 'events', inputSchema: 'EventGridSchema', subscriptions },
    { name: 'clouds', inputSchema: 'CloudEventSchemaV1_0', subscriptions },
  ]);
});
afterAll(closeAll);

const url = (topic: string): string => `${grid.url}/${topic}/api/events`;

async function sasCredential(): Promise<AzureSASCredential> {
  const expires = new Date(Date.now() + 3_600_000);
  return new AzureSASCredential(await generateSharedAccessSignature(url('events'), KEY, expires));
}

test.each<[what: string, send: () => Promise<unknown>, status: number, named: string]>([
  [
    'a SAS token',
    async () =>
      new EventGridPublisherClient(url('events'), 'EventGrid', await sasCredential(), OPTIONS).send([
        sdkEvent('1'),
      ]),
    401,
    'A SAS token (aeg-sas-token) is not simulated',
  ],
  [
    'an event of the caller’s own schema',
    () => new EventGridPublisherClient(url('events'), 'Custom', KEY, OPTIONS).send([{ a: 1 }]),
    400,
    "configured to receive event in 'EventGridEvent' schema",
  ],
  [
    'a CloudEvent for a topic of Event Grid events',
    () => new EventGridPublisherClient(url('events'), 'CloudEvent', KEY, OPTIONS).send([CLOUD_EVENT]),
    400,
    "configured to receive event in 'EventGridEvent' schema",
  ],
  [
    'an Event Grid event for a topic of CloudEvents',
    () => new EventGridPublisherClient(url('clouds'), 'EventGrid', KEY, OPTIONS).send([sdkEvent('1')]),
    400,
    "configured to receive event in 'CloudEventV10' schema",
  ],
  [
    'the channel of a partner topic',
    () =>
      new EventGridPublisherClient(url('clouds'), 'CloudEvent', KEY, OPTIONS).send([CLOUD_EVENT], {
        channelName: 'partner',
      }),
    400,
    'Channels of partner topics (aeg-channel-name) are not simulated',
  ],
])('%s is refused by name', async (_, send, status, named) => {
  await expect(send()).rejects.toMatchObject({
    statusCode: status,
    message: expect.stringContaining(named) as string,
  });
  expect(await grid.pending()).toBe(0);
  expect(endpoint.received).toEqual([]);
});

test('the publish operation of a namespace topic is a 404 that says where events are sent', async () => {
  const answer = await fetch(`${grid.url}/topics/events:publish?api-version=2024-06-01`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([
    404,
    expect.stringContaining('Events are sent to POST /<topic>/api/events'),
  ]);
});

test.each([
  ['endpointType', 'StorageQueue'],
  ['deliveryAttributeMappings', []],
  ['deliveryWithResourceIdentity', {}],
  ['deadLetterDestination', {}],
  ['expirationTimeUtc', '2030-01-01'],
  ['preferredBatchSizeInKilobytes', 64],
])('a subscription with %s is refused by name', async (option, value) => {
  const wanted = { endpointUrl: endpoint.url, [option]: value };
  const answer = await grid.put('/control/subscriptions/events/other', wanted);
  expect(answer).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining(`has ${option}, which is not simulated`) as string } },
  });
  expect((await grid.get('/control/subscriptions/events/other')).status).toBe(404);
});
