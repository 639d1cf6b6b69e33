// What publishers send, with the official SDK and without: schemas, keys, limits.
import type { RestError } from '@azure/cosmos';
import { LOCAL_KEY, parseTopics } from '../../src/eventgrid/topics';
import { until } from '../../src/kit/until';
import {
  closeAll,
  event,
  openEndpoint,
  openGrid,
  sdkEvent,
  type Endpoint,
  type Grid,
} from '../../testing/eventgrid-fixture';

let endpoint: Endpoint;
let grid: Grid;
beforeEach(async () => {
  endpoint = await openEndpoint();
  const subscriptions = [{ name: 'all-events', endpointUrl: endpoint.url }];
  grid = await openGrid([
    { name: 'inventory', inputSchema: 'EventGridSchema', subscriptions },
    { name: 'clouds', inputSchema: 'CloudEventSchemaV1_0', subscriptions },
  ]);
});
afterEach(closeAll);

const received = (count: number): Promise<unknown> =>
  until(`${count} deliveries`, () => endpoint.received.length >= count);
const KEY = { 'aeg-sas-key': LOCAL_KEY };

test('an event of the SDK comes as the only one of an array, stamped as the service stamps it', async () => {
  await grid.publisher('inventory').send([sdkEvent('p-1')]);
  await received(1);
  expect(endpoint.received[0]?.body).toEqual([
    {
      ...event('p-1'),
      topic:
        '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/inventory',
      metadataVersion: '1',
    },
  ]);
  expect(endpoint.received[0]?.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': 'ALL-EVENTS',
    'aeg-delivery-count': '0',
    'aeg-data-version': '1.0',
    'aeg-metadata-version': '1',
  });
});

test('a CloudEvent of the SDK comes alone and whole, with its extension attributes', async () => {
  await grid.cloudPublisher('clouds').send([
    {
      id: 'c-1',
      type: 'order.completed',
      source: '/orders',
      subject: 'o-1',
      time: new Date('2026-01-31T12:00:00.000Z'),
      data: { total: 1 },
      extensionAttributes: { tenant: 't1' },
    },
    {
      id: 'c-2',
      type: 'order.icon',
      source: '/orders',
      data: Buffer.from('hi'),
      datacontenttype: 'image/png',
    },
  ]);
  await received(2);
  const bodies = new Map(endpoint.received.map(({ body }) => [(body as { id: string }).id, body]));
  expect(bodies.get('c-1')).toEqual({
    specversion: '1.0',
    id: 'c-1',
    type: 'order.completed',
    source: '/orders',
    subject: 'o-1',
    time: '2026-01-31T12:00:00.000Z',
    datacontenttype: 'application/json',
    data: { total: 1 },
    tenant: 't1',
  });
  expect(bodies.get('c-2')).toMatchObject({ data_base64: 'aGk=', datacontenttype: 'image/png' });
  expect(endpoint.received[0]?.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'aeg-event-type': 'Notification',
    'webhook-request-origin': 'eventgrid.azure.net',
  });
});

test('a single CloudEvent in structured mode is taken as it is', async () => {
  const cloud = { specversion: '1.0', id: 'c-9', type: 't', source: '/s' };
  const headers = { ...KEY, 'content-type': 'application/cloudevents+json' };
  expect((await grid.post('clouds', JSON.stringify(cloud), headers)).status).toBe(200);
  await received(1);
  expect(endpoint.received[0]?.body).toEqual(cloud);
});

test.each([
  ['no key', {}, 'aeg-sas-key is missing'],
  ['a wrong key', { 'aeg-sas-key': 'wrong' }, 'is not the key of the topic'],
  ['a SAS token', { 'aeg-sas-token': 'r=x&e=y&s=z' }, 'SAS token (aeg-sas-token) is not simulated'],
  ['an identity', { authorization: 'Bearer x' }, 'identity (authorization) is not simulated'],
])('%s is a 401 that says why', async (_, headers, why) => {
  const answer = await grid.post('inventory', JSON.stringify([event('p-1')]), headers);
  expect(answer).toMatchObject({
    status: 401,
    body: { error: { code: 'Unauthorized', message: expect.stringContaining(why) as string } },
  });
});

test.each([
  ['no array', event('p-1'), 'Token Expected: StartArray, Actual Token Received: StartObject.'],
  ['an event without a type', [event('p-1', { eventType: undefined })], 'Event 0: eventType must be a text'],
  ['a time that is none', [event('p-1'), event('p-2', { eventTime: 'noon' })], 'Event 1: eventTime must be'],
  ["another topic's event", [event('p-1', { topic: '/other' })], 'topic must be /subscriptions/'],
  ['a CloudEvent', [{ specversion: '1.0', id: 'x', type: 't', source: '/s' }], 'Event 0: subject must be'],
])(
  '%s is a 400 with the error of the service, and nothing of the batch is taken',
  async (_, body, problem) => {
    const answer = await grid.post('inventory', JSON.stringify(body));
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'BadRequest',
          message: expect.stringContaining(problem) as string,
          details: [{ code: 'InputJsonInvalid' }],
        },
      },
    });
    expect(await grid.pending()).toBe(0);
  },
);

test.each([
  ['without source', { specversion: '1.0', id: 'x', type: 't' }, 'source must be a text'],
  ['of another version', { specversion: '0.3', id: 'x', type: 't', source: '/s' }, 'specversion must be 1.0'],
  [
    'with an attribute name in upper case',
    { specversion: '1.0', id: 'x', type: 't', source: '/s', orderId: 1 },
    'orderId is no attribute name',
  ],
  [
    'with data twice',
    { specversion: '1.0', id: 'x', type: 't', source: '/s', data: 1, data_base64: 'aGk=' },
    'data_base64 must not stand beside data',
  ],
])('a CloudEvent %s is a 400', async (_, cloud, problem) => {
  expect(await grid.post('clouds', JSON.stringify([cloud]))).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining(problem) as string } },
  });
});

test('a request over 1 MB is a 413 for the SDK', async () => {
  const big = { ...sdkEvent('p-1'), data: { productId: 'x'.repeat(1024 * 1024), quantity: 1 } };
  const error = await grid
    .publisher('inventory')
    .send([big])
    .then(
      () => undefined,
      (thrown: unknown) => thrown as RestError,
    );
  expect(error?.statusCode).toBe(413);
});

test('a request of 1 MB is taken, and one with a byte more is a 413', async () => {
  const bodyOf = (bytes: number): string => {
    const filled = (filling: string): string => JSON.stringify([{ ...event('p-1'), data: { filling } }]);
    return filled('x'.repeat(bytes - filled('').length));
  };
  const MEGABYTE = 1024 * 1024;
  expect((await grid.post('inventory', bodyOf(MEGABYTE - 1))).status).toBe(200);
  expect((await grid.post('inventory', bodyOf(MEGABYTE))).status).toBe(200);
  expect((await grid.post('inventory', bodyOf(MEGABYTE + 1))).status).toBe(413);
});

test('binary mode, another api version and an unknown topic are refused by name', async () => {
  const body = JSON.stringify([event('p-1')]);
  const messageOf = async (answer: Promise<{ status: number; body: unknown }>): Promise<string> => {
    const { status, body: given } = await answer;
    return `${status} ${(given as { error: { message: string } }).error.message}`;
  };
  expect(await messageOf(grid.post('clouds', body, { ...KEY, 'ce-id': '1' }))).toMatch(
    /^400 The binary content mode of CloudEvents \(ce- headers\) is not simulated/,
  );
  expect(await messageOf(grid.post('inventory', body, KEY, '?api-version=2020-01-01'))).toMatch(
    /^400 .*api-version=2018-01-01/,
  );
  expect(await messageOf(grid.post('nothing', body))).toMatch(/^404 There is no topic nothing/);
});

test.each([
  [{ name: 'ab' }, 'name must be 3 to 64 letters'],
  [{ name: 'x'.repeat(51) }, 'name must have at most 50 characters'],
  [{ inputSchema: 'CustomInputSchema' }, 'CustomInputSchema is not simulated'],
  [{ privateLink: true }, 'has privateLink, which is not simulated'],
  [{ subscriptions: [{ name: 'sub', endpointUrl: '{hub}/x' }] }, 'names {hub}; known are: none'],
  [
    { subscriptions: [{ name: 'sub', endpointUrl: 'ftp://x' }] },
    'endpointUrl must be an http:// or https:// URL',
  ],
  [
    { subscriptions: [{ name: 'sub', endpointUrl: 'http://x/', maxEventsPerBatch: 10 }] },
    'has maxEventsPerBatch, which is not simulated',
  ],
  [
    {
      subscriptions: [
        {
          name: 'sub',
          endpointUrl: 'http://x/',
          advancedFilters: [{ operatorType: 'StringContains', key: 'subject', values: ['a'] }],
        },
      ],
    },
    'the other operators are not simulated',
  ],
  [
    {
      inputSchema: 'CloudEventSchemaV1_0',
      subscriptions: [{ name: 'sub', endpointUrl: 'http://x/', eventDeliverySchema: 'EventGridSchema' }],
    },
    'CloudEvents delivered as EventGridSchema',
  ],
])('a definition with %j is refused with what it takes', (wrong, problem) => {
  expect(() => parseTopics({ topics: [{ name: 'topic-1', ...wrong }] })).toThrow(problem);
});
