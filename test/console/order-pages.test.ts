// Pages of the console for whoever orders, in a real browser: shop, orders, how the saga of one is drawn, playground.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { poll } from '../../local/demo/system-client';
import { describePages } from '../support/chromium';
import { ITEMS, ITEMS_ABOVE_LIMIT, openConsole } from './console-fixture';

const BUILT = path.join(__dirname, '../../dist/console');

test('what a browser loads for the console has less than 150 kB, compressed', () => {
  const bytes = ['index.html', 'app.js', 'app.css'].map(
    (file) => gzipSync(readFileSync(path.join(BUILT, file))).byteLength,
  );
  expect(statSync(path.join(BUILT, 'app.js')).size).toBeGreaterThan(1_000);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
});

describePages('the console', () => {
  const at = openConsole();

  test('shows why an order failed, each compensation as the undoing of its step, and its trace', async () => {
    await at.open(`/orders/${await at.ended('noship-1')}`);
    await at.page.getByText('CARRIER_REFUSED').first().waitFor();
    const drawing = await at.page.locator('svg.saga').getAttribute('aria-label');
    expect(drawing).toMatch(/process payment: process payment done in .*, refund payment undone in /);
    expect(await at.page.locator('svg.saga .arrow').count()).toBe(2);
    await at.page.locator('table.trace tr', { hasText: 'shipping ship✕ CARRIER_REFUSED' }).waitFor();
    await at.page.locator('table.trace tr', { hasText: 'payment refunddone' }).waitFor();
    expect(await at.violations()).toEqual([]);
  });

  test('shows an order live from the shop to its end', async () => {
    await at.open('/shop');
    await at.page.getByLabel('Chair').fill('2');
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('button', { name: 'Order for 547.99 USD' }).click();
    await at.page.getByText('✓ completed').waitFor();
    expect(await at.events.locator('tr', { hasText: 'OrderCompleted' }).count()).toBe(1);
  });

  test('a double click places one order', async () => {
    await at.open('/shop');
    await at.page.getByLabel('Customer').fill('twice');
    await at.page.getByRole('button', { name: 'Order for' }).dblclick();
    await at.page.getByText('✓ completed').waitFor();
    // The list follows the orders: it is complete up to the first once it shows one that was placed later.
    const { id } = await at.client.place({ customerId: 'twice', items: ITEMS });
    const placed = await poll(
      () => at.ordersOf('twice'),
      (orders) => orders.length > 1 && orders.some((order) => order.id === id),
    );
    expect(placed.length).toBe(2);
  });

  test('says what a cancel will undo before it is sent, and shows it undone', async () => {
    await at.client.planFaults([
      { service: 'shipping', operation: 'ship', customerId: 'waits', fault: 'error', times: 50 },
    ]);
    const { id } = await at.client.place({ customerId: 'waits', items: ITEMS });
    await at.open(`/orders/${id}`);
    await at.events.locator('tr', { hasText: 'PaymentProcessed' }).waitFor();
    await at.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const question = at.page.getByRole('dialog');
    expect(await question.locator('li').allTextContents()).toEqual(['process payment', 'reserve inventory']);
    expect(await at.violations()).toEqual([]);
    await question.getByRole('button', { name: 'Cancel the order' }).click();
    await at.page.getByText('✕ cancelled').waitFor();
    const effects = (await at.client.ledger(id)).map(({ effect }) => effect);
    expect(effects.filter((effect) => effect !== 'notified')).toEqual([
      'stockReserved',
      'charged',
      'refunded',
      'stockReleased',
    ]);
  });

  test('lets an approver approve an order above the limit, which then goes on', async () => {
    const { id } = await at.client.place({ customerId: 'above', items: ITEMS_ABOVE_LIMIT });
    await at.open(`/orders/${id}`);
    await at.page.getByText('… awaiting approval').waitFor();
    await at.page.getByRole('button', { name: 'Approve' }).click();
    await at.page.getByRole('button', { name: 'Approve the order' }).click();
    await at.page.getByText('✓ completed').waitFor();
  });

  test('goes on showing an order after its host was killed', async () => {
    await at.client.planFaults([
      { service: 'payments', operation: 'charge', customerId: 'survives', fault: 'error', times: 2 },
    ]);
    const { id } = await at.client.place({ customerId: 'survives', items: ITEMS });
    await at.open(`/orders/${id}`);
    await at.events.locator('tr', { hasText: 'StockReserved' }).waitFor();
    await at.system.kill('host');
    await at.system.recovered();
    await at.page.getByText('✓ completed').waitFor();
    expect(await at.page.getByRole('alert').count()).toBe(0);
  });

  test('is signed in to by the link of npm start once', async () => {
    const link = /http\S+#code=\S+/.exec(at.system.output())?.[0] ?? '';
    await at.page.goto(link);
    await at.page.getByText('local operator (operator, approver, reader)').waitFor();
    expect(at.page.url()).not.toContain('code');
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('button', { name: 'Sign out' }).click();
    await at.page.goto('about:blank');
    await at.page.goto(link);
    await at.page.getByRole('alert').getByText('good once').waitFor();
  });

  test('lets one break the system, kill its host in the middle, and see that the books balance', async () => {
    await at.open('/playground');
    await at.page.getByRole('button', { name: 'carrier refuses' }).click();
    await at.page.getByRole('button', { name: 'payment 503 twice' }).click();
    await at.page.getByRole('link', { name: 'payment 503 twice' }).waitFor();
    await at.page.getByRole('button', { name: 'Kill the host' }).click();
    await at.page.getByText('The host was killed').waitFor();
    await at.page.locator('tfoot', { hasText: '✓ balances' }).waitFor();
    await at.page.locator('tbody tr', { hasText: '… under way' }).first().waitFor({ state: 'detached' });
    expect(await at.page.locator('td', { hasText: '✓ balances' }).count()).toBe(3);
    expect(await at.violations()).toEqual([]);
    await at.system.recovered();
    await at.page.getByRole('button', { name: 'Mend all services' }).click();
  });

  test('lets one return some of an order, damaged in part, and see that money and stock balance', async () => {
    await at.open('/playground');
    await at.page.getByRole('button', { name: 'everything works' }).click();
    await at.page.getByRole('button', { name: 'Return some' }).click();
    await at.page.getByLabel('Pieces of prod-001').fill('2');
    await at.page.getByLabel('Reason').fill('too bright');
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('button', { name: 'Ask for the return' }).click();
    await at.page.getByRole('cell').getByRole('button', { name: 'The parcel is here' }).click();
    await at.page.getByRole('dialog').getByRole('button', { name: 'The parcel is here' }).click();
    await at.page.getByRole('button', { name: 'Inspect it' }).click();
    await at.page.getByLabel('Damaged prod-001').fill('1');
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('button', { name: 'Record it' }).click();
    const row = at.page.locator('tbody tr', { hasText: '✓ balances' });
    await row.getByRole('cell', { name: '99.98', exact: true }).waitFor();
    // Charged, refunded; reserved, released, confirmed, and the pieces on the shelf again.
    expect(await row.locator('td.number').allTextContents()).toEqual(['149.93', '99.98', '1', '0', '1', '1']);
  });

  test('loads nothing from elsewhere and cannot be framed', async () => {
    const answer = await fetch(`${at.system.urls.api}/api/ui/orders/some-id`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const again = await fetch(`${at.system.urls.api}/api/ui/app.js`, {
      headers: {
        'if-none-match': (await fetch(`${at.system.urls.api}/api/ui/app.js`)).headers.get('etag') ?? '',
      },
    });
    expect([answer.status, again.status]).toEqual([200, 304]);
  });

  // The last one: the system that it starts again has other addresses.
  test('says that it reconnects after kills of the platform and of everything, and goes on by itself', async () => {
    await at.open('/playground');
    await at.page.getByRole('button', { name: 'payment 503 twice' }).click();
    await at.page.getByRole('link', { name: 'payment 503 twice' }).waitFor();
    const { platform } = at.system.pids;
    await at.page.getByRole('button', { name: 'Kill the platform' }).click();
    await at.page.getByText('The platform was killed').waitFor();
    await poll(
      () => Promise.resolve(at.system.pids.platform),
      (pid) => pid !== platform,
    );
    await at.page.getByRole('button', { name: 'Kill everything' }).click();
    await at.page.getByText('Everything was killed').waitFor();
    const reconnecting = at.page.getByText('Reconnecting');
    await reconnecting.waitFor();
    await at.restart();
    await reconnecting.waitFor({ state: 'detached' });
    await at.page.locator('tbody tr', { hasText: '✓ balances' }).waitFor();
    await at.page.getByRole('cell', { name: '✓ completed' }).waitFor();
  });
});
