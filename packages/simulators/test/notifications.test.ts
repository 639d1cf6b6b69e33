import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { publishToTopic } from '../src/publish-stock-events';
import type { GridEvent } from '../src/grid-event';
import { until } from 'azure-local/kit/until';
import { closeAll, openEndpoint, openGrid } from 'azure-local/testing/eventgrid-fixture';
import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

afterEach(closeServices);

const CONFIRMATION = 'o-1:confirmation';
const CANCELLATION = 'o-1:cancellation';
const pathOf = (key: string): string => `/notifications/messages/${encodeURIComponent(key)}`;

describe('the notification service', () => {
  let services: Services;
  beforeEach(async () => {
    services = await openServices();
  });
  const confirm = (): Promise<Answer> =>
    services.post('/notifications/messages', CONFIRMATION, { kind: 'confirmation' });
  const cancel = (): Promise<Answer> =>
    services.post('/notifications/messages', CANCELLATION, { kind: 'cancellation', voids: CONFIRMATION });

  test('sends a message once per key, and a repeat has the same id', async () => {
    const first = await confirm();
    expect(first).toMatchObject({
      status: 201,
      body: { notificationId: expect.stringMatching(/^ntf_/) as string },
    });
    expect(await confirm()).toMatchObject({ status: 200, body: first.body as object });
    expect(await services.effects()).toEqual(['notified']);
    expect((await services.get(pathOf(CONFIRMATION))).body).toMatchObject({
      kind: 'confirmation',
      status: 'sent',
    });
  });

  test('a cancellation marks the confirmation void and deletes nothing', async () => {
    await confirm();
    await cancel();
    expect((await services.get(pathOf(CONFIRMATION))).body).toMatchObject({
      kind: 'confirmation',
      status: 'void',
    });
    expect((await services.get(pathOf(CANCELLATION))).body).toMatchObject({
      kind: 'cancellation',
      status: 'sent',
    });
    expect(await services.effects()).toEqual(['notified', 'notified']);
  });

  test('a confirmation that comes after its cancellation is never sent', async () => {
    await cancel();
    expect(await confirm()).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
    expect((await services.get(pathOf(CONFIRMATION))).body).toEqual({ status: 'closed' });
    expect(await services.effects()).toEqual(['notified']);
  });

  test('a repeated cancellation is one message', async () => {
    await confirm();
    await cancel();
    expect((await cancel()).status).toBe(200);
    expect(await services.effects()).toEqual(['notified', 'notified']);
  });

  test('obeys the fault plan as the other services do', async () => {
    await services.put('/control/faults', [
      { service: 'notification', operation: 'send', fault: 'refuse', times: 1 },
      { service: 'notifications', fault: 'down', times: 1 },
    ]);
    expect(await cancel()).toMatchObject({ status: 422, body: { code: 'UNDELIVERABLE' } });
    expect((await confirm()).status).toBe(503);
    expect(await services.effects()).toEqual([]);
    expect((await confirm()).status).toBe(201);
    expect(await cancel()).toMatchObject({ status: 422, body: { code: 'UNDELIVERABLE' } });
  });

  test('refuses a kind that it does not know', async () => {
    expect(await services.post('/notifications/messages', 'k', { kind: 'advert' })).toMatchObject({
      status: 400,
    });
  });
});

describe('events of stock changes', () => {
  const INTERVAL_MS = 50;
  let folder: string;
  let told: GridEvent[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'news-'));
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const remember = (news: readonly GridEvent[]): Promise<void> => Promise.resolve(void told.push(...news));
  const open = (publish = remember, name = 'first'): Promise<Services> =>
    openServices({ publish, file: path.join(folder, `${name}.db`) });
  /** Waits on the wall for what the manual clock lets pass. */
  const toldOf = (services: Services, productId: string, count: number): Promise<GridEvent[]> =>
    until(`${count} events tell of ${productId}`, () => {
      services.clock.advance(INTERVAL_MS);
      const events = told.filter(({ data }) => (data as { productId: string }).productId === productId);
      return Promise.resolve(events.length >= count && events);
    });
  const reserve = (services: Services, key: string, productId: string, quantity = 1): Promise<Answer> =>
    services.post('/inventory/reservations', key, { lines: [{ productId, quantity }] });

  test('are published for every product of the seed, then for every change, in the Event Grid schema', async () => {
    const services = await open();
    expect(await toldOf(services, 'prod-scarce', 1)).toMatchObject([
      {
        ...{ eventType: 'Inventory.StockUpdated', subject: '/products/prod-scarce', dataVersion: '1' },
        data: { productId: 'prod-scarce', onHand: 5, reserved: 0 },
      },
    ]);
    await reserve(services, 'r-1', 'prod-scarce', 2);
    const [, reserved] = await toldOf(services, 'prod-scarce', 2);
    expect(reserved?.data).toEqual({ productId: 'prod-scarce', onHand: 5, reserved: 2 });
    await services.post('/inventory/reservations/r-1/release', 'x');
    const [, , released] = await toldOf(services, 'prod-scarce', 3);
    expect(released?.data).toEqual({ productId: 'prod-scarce', onHand: 5, reserved: 0 });
  });

  test('include one for low stock, when it falls below five pieces', async () => {
    const services = await open();
    await services.put('/control/stock/p-low', { onHand: 4 });
    const [, low] = await toldOf(services, 'p-low', 2);
    expect(low).toMatchObject({
      eventType: 'Inventory.StockLow',
      data: { productId: 'p-low', onHand: 4, threshold: 5 },
    });
    await services.put('/control/stock/p-low', { onHand: 3 });
    await toldOf(services, 'p-low', 3);
    expect(told.filter(({ eventType }) => eventType === 'Inventory.StockLow')).toHaveLength(1);
  });

  test('are not published for products without limit, nor for a change that was none', async () => {
    const services = await open();
    await toldOf(services, 'prod-scarce', 1);
    await reserve(services, 'r-1', 'nobody-counts-this');
    await services.put('/control/stock/prod-scarce', { onHand: 5, reserved: 0 });
    await services.put('/control/stock/p-last', { onHand: 9 });
    await toldOf(services, 'p-last', 1);
    expect(told.filter(({ data }) => (data as { productId: string }).productId.startsWith('nobody'))).toEqual(
      [],
    );
    expect(told.filter(({ subject }) => subject === '/products/prod-scarce')).toHaveLength(1);
  });

  test('stock-outbox.N2: carry the last level of a busy product, and ids and times never go back', async () => {
    const services = await open();
    await toldOf(services, 'prod-001', 1);
    await Promise.all(Array.from({ length: 200 }, (_, n) => reserve(services, `r-${n}`, 'prod-001')));
    await until('the last level is published', () => {
      services.clock.advance(INTERVAL_MS);
      const last = told.at(-1)?.data as { reserved?: number } | undefined;
      return Promise.resolve(last?.reserved === 200);
    });
    const ofProduct = told.filter(({ subject }) => subject === '/products/prod-001');
    expect(ofProduct.length).toBeLessThan(100);
    const marks = ofProduct.map(({ eventTime, id }) => `${eventTime} ${id}`);
    expect(marks).toEqual([...marks].sort());
  });

  test('stock-outbox.N1: are published again under the same id until they are taken, and changes go on meanwhile', async () => {
    const refused: GridEvent[] = [];
    let isAway = true;
    const services = await open((news) => {
      if (!isAway) return remember(news);
      refused.push(...news);
      return Promise.reject(new Error('the topic is away'));
    });
    await until('it was tried', () => Promise.resolve(refused.length >= 4));
    expect((await reserve(services, 'r-1', 'prod-scarce')).status).toBe(201);
    isAway = false;
    services.clock.advance(1_000);
    await toldOf(services, 'prod-001', 1);
    expect(told.map(({ id }) => id)).toContain(
      refused.find(({ subject }) => subject === '/products/prod-001')?.id,
    );
    expect(services.errors).toEqual([expect.stringContaining('the topic is away')]);
  });

  test('stock-outbox.N1: not taken before a SIGKILL are published by the next process', async () => {
    let tries = 0;
    await open(() => Promise.reject(new Error(`away ${++tries}`)));
    await until('it was tried', () => Promise.resolve(tries > 0));
    for (const suffix of ['', '-wal']) {
      const file = path.join(folder, `first.db${suffix}`);
      if (existsSync(file)) copyFileSync(file, path.join(folder, `second.db${suffix}`));
    }
    const after = await open(remember, 'second');
    expect(await toldOf(after, 'prod-scarce', 1)).toHaveLength(1);
  });

  describe('published to an Event Grid topic', () => {
    afterEach(closeAll);
    const lifetime = new AbortController().signal;
    const item: GridEvent = {
      ...{ id: 'n-1', eventType: 'Inventory.StockUpdated', subject: '/products/p', dataVersion: '1' },
      ...{ eventTime: '2026-01-01T12:00:00.000Z', data: { productId: 'p', onHand: 1, reserved: 0 } },
    };

    test('reach its subscribers', async () => {
      const endpoint = await openEndpoint();
      const subscription = { name: 'watch', endpointUrl: endpoint.url };
      const grid = await openGrid([{ name: 'inventory-events', subscriptions: [subscription] }]);
      await publishToTopic(`${grid.url}/inventory-events/api/events`, LOCAL_KEY)([item], lifetime);
      await until('it is delivered', () => Promise.resolve(endpoint.received.length > 0));
      expect(endpoint.received[0]?.body).toMatchObject([item]);
    });

    test('and refused by it are an error that says why', async () => {
      const grid = await openGrid([{ name: 'inventory-events' }]);
      const publish = publishToTopic(`${grid.url}/inventory-events/api/events`, 'wrong');
      await expect(publish([item], lifetime)).rejects.toThrow('the topic answered 401');
    });
  });
});
