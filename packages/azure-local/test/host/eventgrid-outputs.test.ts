// The outputs `eventGrid` and `cosmosDB` of a fixture app on the real function host, against the look-alikes.
import { LOCAL_KEY } from '../../src/eventgrid/topics';
import { until } from '../../src/kit/until';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';
import {
  closeAll,
  event,
  openEndpoint,
  openGrid,
  type Endpoint,
  type Grid,
} from '../../testing/eventgrid-fixture';
import { connectionTo } from '../../testing/host-cosmos-app';
import { removeApps, startFixture, type RunningApp } from '../../testing/host-triggers-app';

let cosmos: Cosmos;
let grid: Grid;
let endpoint: Endpoint;
let app: RunningApp;

const TOPIC = { kind: 'eventGrid', topicEndpointUri: 'TopicUri', topicKeySetting: 'TopicKey' };
const STORE = { kind: 'cosmosDB', connection: 'Store', databaseName: 'db', containerName: 'made' };
const OUTPUTS = {
  Publish: TOPIC,
  PublishWithWrongKey: { ...TOPIC, topicKeySetting: 'WrongKey' },
  Write: { ...STORE, createIfNotExists: true, partitionKey: '/orderId' },
  WriteNowhere: { ...STORE, containerName: 'missing' },
};

beforeAll(async () => {
  cosmos = await openCosmos();
  endpoint = await openEndpoint();
  const subscriptions = [{ name: 'all-events', endpointUrl: endpoint.url }];
  grid = await openGrid([{ name: 'inventory', subscriptions }]);
  app = await start(OUTPUTS);
});
afterAll(async () => {
  removeApps();
  await closeAll();
  await cosmos.close();
});

const start = (outputs: object, environment: Record<string, string> = {}): Promise<RunningApp> =>
  startFixture('host-eventgrid', {
    OUTPUTS: JSON.stringify(outputs),
    Store: connectionTo(cosmos.url),
    TopicUri: `${grid.url}/inventory/api/events`,
    TopicKey: LOCAL_KEY,
    WrongKey: 'wrong',
    ...environment,
  });

/** Runs a function that puts the body into its output, as an object or, with `?text`, as text. */
const put = async (name: string, body: unknown, query = ''): Promise<number> =>
  (await fetch(`${app.url}/api/${name}${query}`, { method: 'POST', body: JSON.stringify(body) })).status;

const logged = (text: string): Promise<unknown> => until(text, () => app.output().includes(text));
const documents = async (): Promise<unknown[]> =>
  (await cosmos.client.database('db').container('made').items.readAll().fetchAll()).resources;

test('an event, an array of events and a text of either are published as they are', async () => {
  expect(await put('Publish', event('o-1', { dataVersion: undefined, data: undefined }))).toBe(200);
  expect(await put('Publish', [event('a-1'), event('a-2')])).toBe(200);
  expect(await put('Publish', event('t-1'), '?text')).toBe(200);
  expect(await put('Publish', [event('t-2'), JSON.stringify(event('t-3'))], '?text')).toBe(200);
  await until('all are delivered', () => endpoint.received.length === 6);
  const bodies = endpoint.received.map(({ body }) => (body as Record<string, unknown>[])[0]);
  expect(bodies.map((body) => body?.['id']).sort()).toEqual(['a-1', 'a-2', 'o-1', 't-1', 't-2', 't-3']);
  expect(bodies.find((body) => body?.['id'] === 'a-1')).toMatchObject(event('a-1'));
  expect(bodies.find((body) => body?.['id'] === 'o-1')).not.toHaveProperty('data');
});

test('an event that the topic does not take fails the invocation, and the log says why', async () => {
  expect(await put('PublishWithWrongKey', event('x-1'))).toBe(500);
  await logged('is not the key of the topic');
  expect(await put('Publish', { id: 'x-2' })).toBe(500);
  await logged('has no subject, eventType, eventTime');
  expect(await put('Publish', [7])).toBe(500);
  await logged('has 7, which is not an object: each event must be one');
  expect(await put('Publish', { specversion: '1.0', id: 'x-3' })).toBe(500);
  await logged('A CloudEvent in an eventGrid output is not simulated');
});

test('documents are inserted, and replaced by their id and partition key, in a container that is made', async () => {
  expect(await put('Write', { id: '1', orderId: 'o', n: 1 })).toBe(200);
  expect(
    await put('Write', [
      { id: '1', orderId: 'o', n: 2 },
      { id: '2', orderId: 'o' },
    ]),
  ).toBe(200);
  expect(await put('Write', { id: '3', orderId: 'p' }, '?text')).toBe(200);
  expect(await documents()).toMatchObject([{ id: '1', n: 2 }, { id: '2' }, { id: '3', orderId: 'p' }]);
});

test('a document that the store does not take fails the invocation', async () => {
  expect(await put('Write', { orderId: 'without id' })).toBe(500);
  expect(await put('WriteNowhere', { id: '1' })).toBe(500);
  expect(await put('Write', 'no document', '?text')).toBe(500);
  await logged('has "no document", which is not an object: each document must be one');
});

test.each([
  [{ ...TOPIC, topicKeySetting: 'Missing' }, 'there is no setting Missing'],
  [{ kind: 'eventGrid', topicEndpointUri: 'TopicUri' }, 'has no topicKeySetting'],
  [{ ...TOPIC, topicEndpointUri: 'TopicKey' }, 'it takes a URL such as'],
  [
    { kind: 'eventGrid', connection: 'Grid' },
    'An Event Grid output by identity (connection: "Grid") is not simulated',
  ],
  [
    { ...STORE, connection: 'ById' },
    'A Cosmos DB connection by identity (ById__accountEndpoint) is not simulated',
  ],
  [
    { ...STORE, connection: 'Missing' },
    'The Cosmos DB output of function F takes its connection from the setting Missing',
  ],
  [{ ...STORE, createIfNotExists: true }, 'has no partitionKey'],
  [{ kind: 'cosmosDB', connection: 'Store', databaseName: 'db' }, 'has no containerName'],
  [{ ...STORE, collectionName: 'c' }, 'option names of extension version 3 is not simulated'],
])('the output %j stops the start with what it takes', async (output, problem) => {
  await expect(start({ F: output }, { ById__accountEndpoint: 'https://x' })).rejects.toThrow(problem);
});
