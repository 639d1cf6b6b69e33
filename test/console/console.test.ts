// Pages of the console in a real browser, on the running system.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { CosmosClient } from '@azure/cosmos';
import { ServiceBusClient } from '@azure/service-bus';
import { EMULATOR_KEY, emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { signToken } from 'azure-local/kit/local-token';
import { signInKey } from 'azure-local/supervisor/sign-in-key';
import type { Browser, Page } from 'playwright-core';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../local/demo/system-client';
import { listedId, seedListedOrders } from '../support/many-orders';
import { complaintsOf, describePages, openBrowser } from '../support/chromium';

const TOKEN = 'an-operator-of-this-test';
const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const BUILT = path.join(__dirname, '../../dist/console');

test('what a browser loads for the console has less than 150 kB, compressed', () => {
  const bytes = ['index.html', 'app.js', 'app.css'].map(
    (file) => gzipSync(readFileSync(path.join(BUILT, file))).byteLength,
  );
  expect(statSync(path.join(BUILT, 'app.js')).size).toBeGreaterThan(1_000);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
});

describePages('the console', () => {
  let system: RunningSystem;
  let client: SystemClient;
  let bus: ServiceBusClient;
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
    client = createSystemClient(system.urls);
    bus = new ServiceBusClient(emulatorBusConnection(system.urls.servicebus));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await bus.close();
    await system.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  const open = (address: string, token = TOKEN): Promise<unknown> =>
    page.goto(`${system.urls.api}/api/ui${address}${token === '' ? '' : `#token=${token}`}`);
  const ended = async (customerId: string): Promise<string> => {
    const { id } = await client.place({ customerId, items: ITEMS });
    await poll(() => client.order(id), isEnded);
    return id;
  };
  const ordersOf = async (customerId: string): Promise<OrderAnswer[]> =>
    (await (await fetch(`${system.urls.api}/api/orders/customer/${customerId}`)).json()) as OrderAnswer[];
  /** Violations of accessibility rules on the page as it is, by rule. */
  const violations = async (): Promise<string[]> => {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
      const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } })
        .axe;
      return (await axe.run()).violations.map(({ id }) => id);
    });
  };

  test('shows why an order failed, and each compensation as the undoing of its step', async () => {
    await open(`/orders/${await ended('noship-1')}`);
    await page.getByText('CARRIER_REFUSED').first().waitFor();
    const drawing = await page.locator('svg.saga').getAttribute('aria-label');
    expect(drawing).toMatch(/process payment: process payment done in .*, refund payment undone in /);
    expect(await page.locator('svg.saga .arrow').count()).toBe(2);
    expect(await violations()).toEqual([]);
  });

  test('shows an order live from the shop to its end', async () => {
    await open('/shop');
    await page.getByLabel('Chair').fill('2');
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Order for 547.99 USD' }).click();
    await page.getByText('✓ completed').waitFor();
    expect(await page.locator('tr', { hasText: 'OrderCompleted' }).count()).toBe(1);
  });

  test('a double click places one order', async () => {
    await open('/shop');
    await page.getByLabel('Customer').fill('twice');
    await page.getByRole('button', { name: 'Order for' }).dblclick();
    await page.getByText('✓ completed').waitFor();
    // The list follows the orders: it is complete up to the first once it shows one that was placed later.
    const { id } = await client.place({ customerId: 'twice', items: ITEMS });
    const placed = await poll(
      () => ordersOf('twice'),
      (orders) => orders.length > 1 && orders.some((order) => order.id === id),
    );
    expect(placed.length).toBe(2);
  });

  test('says what a cancel will undo before it is sent, and shows it undone', async () => {
    await client.planFaults([
      { service: 'shipping', operation: 'ship', customerId: 'waits', fault: 'error', times: 50 },
    ]);
    const { id } = await client.place({ customerId: 'waits', items: ITEMS });
    await open(`/orders/${id}`);
    await page.locator('tr', { hasText: 'PaymentProcessed' }).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const question = page.getByRole('dialog');
    expect(await question.locator('li').allTextContents()).toEqual(['process payment', 'reserve inventory']);
    expect(await violations()).toEqual([]);
    await question.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByText('✕ cancelled').waitFor();
    const effects = (await client.ledger(id)).map(({ effect }) => effect);
    expect(effects.filter((effect) => effect !== 'notified')).toEqual([
      'stockReserved',
      'charged',
      'refunded',
      'stockReleased',
    ]);
  });

  test('lets an approver approve an order above the limit, which then goes on', async () => {
    const [lamp] = ITEMS.map((item) => ({ ...item, unitPrice: 200_000 }));
    const { id } = await client.place({ customerId: 'above', items: lamp === undefined ? [] : [lamp] });
    await open(`/orders/${id}`);
    await page.getByText('… awaiting approval').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('button', { name: 'Approve the order' }).click();
    await page.getByText('✓ completed').waitFor();
  });

  test('settles what waits for a person: a failed refund is claimed and tried again, an order is approved', async () => {
    const customerId = 'noship-inbox';
    await client.planFaults([
      { service: 'payments', operation: 'refund', customerId, fault: 'refuse', times: 1 },
    ]);
    const id = await ended(customerId);
    await open('/inbox');
    const row = page.locator('tr', { has: page.getByRole('link', { name: id }) });
    await row.getByRole('button', { name: 'Claim' }).click();
    await page.getByLabel('Reason').fill('I look into it');
    await page.getByRole('button', { name: 'Claim it' }).click();
    await row.getByRole('button', { name: 'Release' }).waitFor();
    await row.getByText('not now').click();
    await row.getByText('only an order that nothing carries on is compensated').waitFor();
    expect(await violations()).toEqual([]);
    await row.getByRole('button', { name: 'Try again' }).click();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Reason').fill('the payments are well again');
    await page.getByRole('button', { name: 'Try it again' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await client.ledger(id)).filter(({ effect }) => effect === 'refunded')).toHaveLength(1);

    const [lamp] = ITEMS.map((item) => ({ ...item, unitPrice: 200_000 }));
    const above = await client.place({ customerId: 'above-inbox', items: lamp === undefined ? [] : [lamp] });
    const asked = page.locator('tr', { has: page.getByRole('link', { name: above.id }) });
    await asked.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('button', { name: 'Approve the order' }).click();
    expect(await poll(() => client.order(above.id), isEnded)).toMatchObject({ status: 'completed' });
    await asked.waitFor({ state: 'detached' });
    expect(await violations()).toEqual([]);
  });

  test('lists the orders of all customers by filters that stand in the address', async () => {
    const id = await ended('declined-2');
    await ended('cust-2');
    await poll(
      () => ordersOf('declined-2'),
      ([order]) => order !== undefined && isEnded(order),
    );
    await open('/?status=failed');
    await page.getByRole('link', { name: id }).waitFor();
    expect(await page.getByText('✓ completed').count()).toBe(0);
    await page.getByLabel('Any id').fill('cust-2');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('✓ completed').first().waitFor();
    expect(new URL(page.url()).search).toBe('?customerId=cust-2');
    await open('/?status=failed&customerId=cust-2');
    await page.getByText('No order is like that.').waitFor();
    expect(new URL(page.url()).search).toBe('?status=failed&customerId=cust-2');
    expect(await violations()).toEqual([]);
  });

  test('mends a dead letter, which becomes an order, and keeps the original on record', async () => {
    const sender = bus.createSender('orders');
    await sender.sendMessages({ messageId: 'mended', body: { customerId: 'mends' } });
    await sender.close();
    const body = page.getByLabel('Body of mended');
    await poll(
      async () => {
        await open('/letters');
        await page.locator('summary', { hasText: 'mended' }).click({ timeout: 2_000 });
        return body.isVisible();
      },
      (isShown) => isShown,
    );
    expect(await violations()).toEqual([]);
    await body.fill(JSON.stringify({ customerId: 'mends', items: ITEMS }));
    await page.getByRole('button', { name: 'Send back as changed' }).click();
    await page.getByLabel('Reason').fill('items were missing');
    await page.getByRole('button', { name: 'Send the changed letter' }).click();
    await page.getByRole('link', { name: /^order / }).click();
    await page.getByText('✓ completed').waitFor();
    await open('/acts');
    await page.getByText('items were missing').click();
    await page.getByText('{"customerId":"mends"}', { exact: true }).waitFor();
    expect(await violations()).toEqual([]);
  });

  test('counts the orders of a filter, cancels them all with progress, and keeps who did it and why', async () => {
    const [lamp] = ITEMS.map((item) => ({ ...item, unitPrice: 200_000 }));
    for (let count = 0; count < 3; count += 1)
      await client.place({ customerId: 'recalled', items: lamp === undefined ? [] : [lamp] });
    await poll(
      () => ordersOf('recalled'),
      (orders) => orders.filter(({ status }) => status === 'awaitingApproval').length === 3,
    );
    await open('/bulk?customerId=recalled');
    await page.getByLabel('Show').selectOption('inFlight');
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('3 orders', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('show')).toBe('inFlight');
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByLabel('Reason').fill('the lamp was recalled');
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).dblclick();
    await page.getByText('completed: 3 done, 0 refused, 0 failed, 0 to go').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true);
    expect(await violations()).toEqual([]);
    await poll(
      () => ordersOf('recalled'),
      (orders) => orders.every(({ status }) => status === 'cancelled'),
    );
    await page.getByRole('link', { name: 'All of them' }).click();
    await page.getByRole('cell', { name: 'the lamp was recalled' }).waitFor();
    expect(await page.getByRole('cell', { name: 'the lamp was recalled' }).count()).toBe(1);
    await open('/acts');
    await page.locator('summary', { hasText: 'start bulk cancel' }).first().waitFor();
  });

  test('stops a bulk operation that runs, with a reason, and says of each order why it was not acted on', async () => {
    const running = {
      ...{ id: 'b-1', act: 'cancel', cutOff: '2026-01-01T00:00:00.000Z', matched: 50, done: 19, refused: 1 },
      ...{ failed: 0, operator: 'ann', reason: 'a recall', startedAt: '2026-01-01T00:00:00.000Z' },
      ...{
        endedAt: null,
        remaining: 30,
        problems: [{ orderId: 'o-1', kind: 'refused', why: 'it is shipped' }],
      },
    };
    // As the API answers while one runs that is long: one of this system would be over before it is looked at.
    let reason: unknown;
    await page.route('**/api/ops/bulk/b-1', (route) =>
      route.fulfill({ json: { ...running, state: reason === undefined ? 'running' : 'stopped' } }),
    );
    await page.route('**/api/ops/bulk/b-1/stop', (route) => {
      reason = route.request().postDataJSON();
      return route.fulfill({ status: 202, json: { ...running, state: 'stopping' } });
    });
    await open('/bulk/b-1');
    await page.getByText('running: 19 done, 1 refused, 0 failed, 30 to go').waitFor();
    await page.getByRole('cell', { name: 'it is shipped' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Reason').fill('the wrong filter');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await page.getByText('stopped: 19 done').waitFor();
    expect(reason).toEqual({ reason: 'the wrong filter' });
  });

  test('asks for a token where only operators may look, and the address forgets it', async () => {
    await open('/acts', '');
    await page.getByLabel('Operator token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('No operator has done anything yet.').or(page.locator('summary').first()).waitFor();
    await open('/days');
    await page.getByRole('columnheader', { name: 'Placed' }).waitFor();
    expect(page.url()).not.toContain(TOKEN);
    expect(await violations()).toEqual([]);
  });

  test('goes on showing an order after its host was killed', async () => {
    await client.planFaults([
      { service: 'payments', operation: 'charge', customerId: 'survives', fault: 'error', times: 2 },
    ]);
    const { id } = await client.place({ customerId: 'survives', items: ITEMS });
    await open(`/orders/${id}`);
    await page.locator('tr', { hasText: 'StockReserved' }).waitFor();
    await system.kill('host');
    await system.recovered();
    await page.getByText('✓ completed').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('finds an order by the id of its parcel, and counts what the presets show', async () => {
    const id = await ended('parcel-1');
    const { trackingId } = (await (await fetch(`${system.urls.api}/api/orders/${id}`)).json()) as {
      trackingId: string;
    };
    await open(`/?id=${trackingId}`);
    await page.getByRole('heading', { name: id }).waitFor();
    await open('/?show=stuck');
    await page.getByRole('link', { name: /^Stuck \(\d+\)$/ }).waitFor();
    await page.getByText('No order is like that.').waitFor();
  });

  test('pages through ten thousand orders', async () => {
    // The container is made with the first order that is listed.
    await ended('listed');
    await poll(
      () => ordersOf('listed'),
      (orders) => orders.length > 0,
    );
    const cosmos = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY });
    const container = cosmos.database('orders-db').container('customer-orders');
    await seedListedOrders(container, { count: 10_000, statusOf: () => 'completed' });
    cosmos.dispose();
    await open('/?to=2025-12-31T00:00:00Z');
    await page.getByRole('link', { name: listedId(9_999) }).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('link', { name: listedId(9_900) }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(100);
  });

  test('draws the rates and latencies of the metrics', async () => {
    await ended('charted');
    await open('/charts');
    await page.getByRole('cell', { name: 'process payment', exact: true }).waitFor();
    await page.getByText('completed: ').waitFor();
    expect(await page.locator('canvas').count()).toBeGreaterThan(0);
    expect(await violations()).toEqual([]);
  });

  test('shows whoever is signed in what their role may see, and the others why not', async () => {
    const as = async (claims: Parameters<typeof signToken>[1]): Promise<void> => {
      await open('/shop', '');
      await open('/letters', signToken(signInKey(system.dataDir), claims, Date.now() + 3_600_000));
      await page.reload();
    };
    await ended('rita');
    await as({ name: 'rita', customer_id: 'rita' });
    await page.getByText(/it asks for the role operator, and rita has the role customer/).waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole('link', { name: 'Orders' }).click();
    await page.getByRole('heading', { name: 'Your orders' }).waitFor();
    await page.getByText('✓ completed').waitFor();
    await as({ name: 'rhea', roles: ['reader'] });
    await page.getByText(/rhea has the role reader/).waitFor();
    await page.getByRole('link', { name: 'Charts' }).click();
    await page.getByRole('heading', { name: 'Charts' }).waitFor();
  });

  test('is signed in to by the link of npm start once', async () => {
    const link = /http\S+#code=\S+/.exec(system.output())?.[0] ?? '';
    await page.goto(link);
    await page.getByText('local operator (operator, approver, reader)').waitFor();
    expect(page.url()).not.toContain('code');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('alert').getByText('good once').waitFor();
  });

  test('lets one break the system, kill its host in the middle, and see that the books balance', async () => {
    await open('/playground');
    await page.getByRole('button', { name: 'carrier refuses' }).click();
    await page.getByRole('button', { name: 'payment 503 twice' }).click();
    await page.getByRole('link', { name: 'payment 503 twice' }).waitFor();
    await page.getByRole('button', { name: 'Kill the host' }).click();
    await page.getByText('The host was killed').waitFor();
    await page.locator('tfoot', { hasText: '✓ balances' }).waitFor();
    await page.locator('tbody tr', { hasText: '… under way' }).first().waitFor({ state: 'detached' });
    expect(await page.locator('td', { hasText: '✓ balances' }).count()).toBe(3);
    expect(await violations()).toEqual([]);
    await system.recovered();
    await page.getByRole('button', { name: 'Mend all services' }).click();
  });

  test('loads nothing from elsewhere and cannot be framed', async () => {
    const answer = await fetch(`${system.urls.api}/api/ui/orders/some-id`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const again = await fetch(`${system.urls.api}/api/ui/app.js`, {
      headers: {
        'if-none-match': (await fetch(`${system.urls.api}/api/ui/app.js`)).headers.get('etag') ?? '',
      },
    });
    expect([answer.status, again.status]).toEqual([200, 304]);
  });
});
