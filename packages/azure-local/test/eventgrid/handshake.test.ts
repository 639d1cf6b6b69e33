// How an endpoint becomes a subscriber's: its handshake, by validation event or OPTIONS, before any event comes.
import { until } from '../../src/kit/until';
import {
  closeAll,
  idOf,
  openEndpoint,
  openGrid,
  received,
  SECOND,
  sdkEvent,
  send,
  topicFor,
  type Endpoint,
  type Grid,
} from '../../testing/eventgrid-fixture';

let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = await openEndpoint();
});
afterEach(closeAll);

test('an endpoint gets the validation event first, and no other event before it has answered', async () => {
  endpoint.agrees = false;
  const grid = await openGrid([topicFor(endpoint)]);
  await send(grid, 'p-1');
  await until('it is asked', () => endpoint.asked.length > 0);
  expect(endpoint.asked[0]?.headers).toMatchObject({ 'aeg-event-type': 'SubscriptionValidation' });
  expect(endpoint.asked[0]?.body).toMatchObject([
    { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: {} },
  ]);
  endpoint.agrees = true;
  await until('the events come', () => {
    if (endpoint.received.length === 0 && grid.clock.nextDueMs() !== undefined)
      grid.clock.advance(SECOND / 2);
    return endpoint.received.length > 0;
  });
  expect(endpoint.asked.length).toBeGreaterThan(1);
  expect(endpoint.received.map(idOf)).toEqual(['p-1']);
});

test('an endpoint that did not pass the handshake is asked again after its delay, however many events come', async () => {
  endpoint.agrees = false;
  const grid = await openGrid([topicFor(endpoint)]);
  await until('it is asked, and to be asked again', () => endpoint.asked.length === 1 && waits(grid));
  for (const id of ['p-1', 'p-2', 'p-3', 'p-4']) await send(grid, id);
  grid.clock.advance(SECOND / 2);
  await until('it is asked again', () => endpoint.asked.length >= 2 && waits(grid));
  endpoint.agrees = true;
  grid.clock.advance(SECOND / 2);
  await received(endpoint, 4);
  expect(endpoint.asked).toHaveLength(3);
});

/** Whether nothing is asked just now: the alarm of a question is half a minute off. */
const waits = ({ clock }: Grid): boolean => clock.nextDueMs() === clock.now() + SECOND / 2;

test('an endpoint of CloudEvents is asked by OPTIONS, and gets events of the other schema converted', async () => {
  const grid = await openGrid([topicFor(endpoint, { eventDeliverySchema: 'CloudEventSchemaV1_0' })]);
  await send(grid, 'p-1');
  await received(endpoint, 1);
  expect(endpoint.asked[0]).toMatchObject({
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': 'eventgrid.azure.net' },
  });
  expect(endpoint.received[0]?.body).toEqual({
    specversion: '1.0',
    id: 'p-1',
    type: 'Inventory.StockUpdated',
    source: expect.stringMatching(/topics\/inventory$/) as string,
    subject: 'products/p-1',
    time: '2026-01-31T12:00:00.000Z',
    dataschema: '#1.0',
    data: { productId: 'p-1', quantity: 7 },
  });
});

test('a subscription is made through the control API once its endpoint passes the handshake', async () => {
  const grid = await openGrid([{ name: 'inventory' }]);
  const target = '/control/subscriptions/inventory/late-comer';
  endpoint.agrees = false;
  expect(await grid.put(target, { endpointUrl: endpoint.url })).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('did not pass the validation handshake') as string } },
  });
  expect((await grid.get(target)).status).toBe(404);
  endpoint.agrees = true;
  expect((await grid.put(target, { endpointUrl: endpoint.url })).status).toBe(200);
  expect(await grid.get(target)).toMatchObject({
    status: 200,
    body: { topic: 'inventory', name: 'late-comer', endpointUrl: endpoint.url, maxDeliveryAttempts: 30 },
  });
  await grid.publisher('inventory').send([sdkEvent('p-1')]);
  await received(endpoint, 1);
  expect((await grid.put(target, { endpointUrl: endpoint.url, color: 'red' })).status).toBe(400);
  expect((await grid.put('/control/subscriptions/none/sub', {})).status).toBe(404);
});
