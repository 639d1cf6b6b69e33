// What subscribers get: filters, retries by the clock, dead letters, and what a kill leaves.
import { ManualClock, type Alarm } from '../../src/kit/clock';
import { until } from '../../src/kit/until';
import {
  closeAll,
  event,
  idOf,
  openEndpoint,
  openGrid,
  received,
  SECOND,
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

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const deadLetters = async (grid: Grid): Promise<{ event: Record<string, unknown> }[]> =>
  (await grid.get('/control/deadletters')).body as { event: Record<string, unknown> }[];
const attempts = async (grid: Grid): Promise<Record<string, unknown>[]> =>
  ((await grid.get('/control/deliveries')).body as { attempts: Record<string, unknown>[] }).attempts;
const drained = (grid: Grid): Promise<unknown> =>
  until('nothing is pending', async () => (await grid.pending()) === 0);
/** Waits until the failure is noted and its retry has an alarm: then the time may pass. */
const noted = (grid: Grid, count: number): Promise<unknown> =>
  until(`attempt ${count} is noted`, async () => (await attempts(grid)).length >= count);

test.each([
  [{ includedEventTypes: ['inventory.stockupdated'] }, ['a-1', 'b-2', 'c-30']],
  [{ includedEventTypes: ['Inventory.StockLow'] }, ['low-1']],
  [{ subjectBeginsWith: 'PRODUCTS/a' }, ['a-1']],
  [{ subjectBeginsWith: 'PRODUCTS/a', isSubjectCaseSensitive: true }, []],
  [{ subjectEndsWith: '-1' }, ['a-1', 'low-1']],
  [{ advancedFilters: [{ operatorType: 'NumberGreaterThan', key: 'data.quantity', value: 7 }] }, ['c-30']],
  [
    { advancedFilters: [{ operatorType: 'StringIn', key: 'data.productId', values: ['A-1', 'B-2'] }] },
    ['a-1', 'b-2'],
  ],
  [{ advancedFilters: [{ operatorType: 'StringIn', key: 'data.none.deep', values: ['x'] }] }, []],
])('the filter %j lets %j through', async (filter, expected) => {
  const last = { name: 'last-of-all', endpointUrl: endpoint.url };
  const filtered = { name: 'filtered', endpointUrl: endpoint.url, ...filter };
  const grid = await openGrid([{ name: 'inventory', subscriptions: [filtered, last] }]);
  const events = [
    event('a-1'),
    event('b-2'),
    event('c-30', { data: { productId: 'c-30', quantity: 30 } }),
    event('low-1', { eventType: 'Inventory.StockLow' }),
  ];
  await grid.post('inventory', JSON.stringify(events));
  await drained(grid);
  const taken = endpoint.received.filter(({ headers }) => headers['aeg-subscription-name'] === 'FILTERED');
  expect(taken.map(idOf).sort()).toEqual(expected);
});

test('a delivery that fails is tried again after 10 s, 30 s, 1 min, 5 min, … until it is taken', async () => {
  endpoint.answer = 500;
  const grid = await openGrid([topicFor(endpoint)]);
  await send(grid, 'p-1');
  const waits = [
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
  ];
  for (const [index, waitMs] of waits.entries()) {
    await noted(grid, index + 1);
    await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + waitMs);
    if (index === waits.length - 1) endpoint.answer = 202;
    grid.clock.advance(waitMs);
    await received(endpoint, index + 2);
  }
  await drained(grid);
  expect(endpoint.received.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(
    Array.from({ length: 10 }, (_, n) => String(n)),
  );
  expect(await attempts(grid)).toHaveLength(10);
  expect((await attempts(grid))[9]).toMatchObject({ attempt: 10, status: 202, outcome: 'Delivered' });
});

test('a retry whose alarm comes a moment early comes nevertheless', async () => {
  class EarlyClock extends ManualClock {
    override alarm(dueMs: number, onDue: () => void): Alarm {
      return super.alarm(dueMs - 1, onDue);
    }
  }
  endpoint.answer = 500;
  const grid = await openGrid([topicFor(endpoint)], { clock: new EarlyClock() });
  await send(grid, 'p-1');
  await noted(grid, 1);
  await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + 10 * SECOND - 1);
  endpoint.answer = 202;
  grid.clock.advance(10 * SECOND);
  await received(endpoint, 2);
  await drained(grid);
});

test.each([
  [503, 30 * SECOND],
  [408, 2 * MINUTE],
])('an answer of %d is waited for longer', async (status, waitMs) => {
  endpoint.answer = status;
  const grid = await openGrid([topicFor(endpoint)]);
  await send(grid, 'p-1');
  await noted(grid, 1);
  await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + waitMs);
});

test.each([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [413, 'RequestEntityTooLarge'],
])('an answer of %d makes a dead letter at once', async (status, outcome) => {
  endpoint.answer = status;
  const grid = await openGrid([topicFor(endpoint)]);
  await send(grid, 'p-1');
  await drained(grid);
  expect((await deadLetters(grid)).map((letter) => letter.event)).toEqual([
    {
      ...event('p-1'),
      topic: expect.any(String) as string,
      metadataVersion: '1',
      deadLetterReason: `UndeliverableDueToHttp${outcome}`,
      deliveryAttempts: 1,
      lastDeliveryOutcome: outcome,
      lastHttpStatusCode: status,
      publishTime: '2026-01-01T00:00:00.000Z',
      lastDeliveryAttemptTime: '2026-01-01T00:00:00.000Z',
    },
  ]);
  expect(endpoint.received).toHaveLength(1);
});

test('a CloudEvent that uses its attempts up is a dead letter with attributes in lower case', async () => {
  endpoint.answer = 500;
  const cloud = { specversion: '1.0', id: 'c-1', type: 't', source: '/s' };
  const grid = await openGrid([
    topicFor(endpoint, { maxDeliveryAttempts: 2 }, { inputSchema: 'CloudEventSchemaV1_0' }),
  ]);
  await grid.post('inventory', JSON.stringify([cloud]));
  await noted(grid, 1);
  await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + 10 * SECOND);
  grid.clock.advance(10 * SECOND);
  await drained(grid);
  expect((await deadLetters(grid))[0]?.event).toMatchObject({
    ...cloud,
    deadletterreason: 'MaxDeliveryAttemptsExceeded',
    deliveryattempts: 2,
    lasthttpstatuscode: 500,
  });
});

test('an event past its time to live is given up without another attempt', async () => {
  endpoint.answer = 500;
  const grid = await openGrid([topicFor(endpoint, { eventTimeToLiveInMinutes: 1 })]);
  await send(grid, 'p-1');
  for (const [index, waitMs] of [10 * SECOND, 30 * SECOND, 20 * SECOND].entries()) {
    await noted(grid, index + 1);
    await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + waitMs);
    grid.clock.advance(waitMs);
  }
  await drained(grid);
  expect((await deadLetters(grid))[0]?.event).toMatchObject({
    deadLetterReason: 'TimeToLiveExceeded',
    deliveryAttempts: 3,
  });
  expect(endpoint.received).toHaveLength(3);
});

test('an endpoint that does not answer within 30 s is tried again', async () => {
  endpoint.answer = 'hang';
  const grid = await openGrid([topicFor(endpoint)]);
  await send(grid, 'p-1');
  await received(endpoint, 1);
  grid.clock.advance(30 * SECOND);
  await noted(grid, 1);
  expect(await attempts(grid)).toMatchObject([{ status: null, outcome: 'TimedOut' }]);
});

test('without a place for dead letters the event is dropped, and the log says so', async () => {
  endpoint.answer = 400;
  const grid = await openGrid([topicFor(endpoint, { deadLetter: false })]);
  await send(grid, 'p-1');
  await drained(grid);
  expect(await deadLetters(grid)).toEqual([]);
  expect(grid.warnings.join()).toContain(
    'gave up event p-1 after 1 attempt(s): UndeliverableDueToHttpBadRequest',
  );
});

test('after a kill what was accepted is delivered, what was taken is not, and made subscriptions are there', async () => {
  const grid = await openGrid([{ name: 'inventory' }]);
  await grid.put('/control/subscriptions/inventory/made', { endpointUrl: endpoint.url });
  await send(grid, 'taken');
  await drained(grid);
  endpoint.answer = 'hang';
  await send(grid, 'p-1', 'p-2', 'p-3');
  await received(endpoint, 4);
  const asked = endpoint.asked.length;
  endpoint.answer = 200;

  const after = await grid.afterKill([{ name: 'inventory' }]);
  await drained(after);

  expect(endpoint.received.slice(4).map(idOf).sort()).toEqual(['p-1', 'p-2', 'p-3']);
  expect(endpoint.received.slice(4).map(({ headers }) => headers['aeg-delivery-count'])).toEqual([
    '0',
    '0',
    '0',
  ]);
  expect(endpoint.asked).toHaveLength(asked);
});

test('every event that was answered is on disk at that moment, and all come though more come than go side by side', async () => {
  endpoint.answer = 'hang';
  const grid = await openGrid([topicFor(endpoint)]);
  const ids = Array.from({ length: 100 }, (_, n) => `p-${n}`);
  await Promise.all(ids.map((id) => send(grid, id)));
  endpoint.answer = 200;
  const before = endpoint.received.length;
  const after = await grid.afterKill([topicFor(endpoint)]);
  await drained(after);
  expect(new Set(endpoint.received.slice(before).map(idOf))).toEqual(new Set(ids));
});
