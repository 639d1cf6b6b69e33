// Pages of the console for operators, in a real browser: lists, inbox, dead letters, bulk, charts, and who may see which.
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { signToken } from 'azure-local/kit/local-token';
import { signInKey } from 'azure-local/supervisor/sign-in-key';
import { isEnded, poll } from '../../local/demo/system-client';
import { describePages } from '../support/chromium';
import { listedId, seedListedOrders } from '../support/many-orders';
import { ITEMS, ITEMS_ABOVE_LIMIT, openConsole, TOKEN } from './console-fixture';

describePages('the console for operators', () => {
  const at = openConsole();

  test('settles what waits for a person: a failed refund is claimed and tried again, an order is approved', async () => {
    const customerId = 'noship-inbox';
    await at.client.planFaults([
      { service: 'payments', operation: 'refund', customerId, fault: 'refuse', times: 1 },
    ]);
    const id = await at.ended(customerId);
    await at.open('/inbox');
    const row = at.page.locator('tr', { has: at.page.getByRole('link', { name: id }) });
    await row.getByRole('button', { name: 'Claim' }).click();
    await at.page.getByLabel('Reason').fill('I look into it');
    await at.page.getByRole('button', { name: 'Claim it' }).click();
    await row.getByRole('button', { name: 'Release' }).waitFor();
    await row.getByText('not now').click();
    await row.getByText('only an order that nothing carries on is compensated').waitFor();
    expect(await at.violations()).toEqual([]);
    await row.getByRole('button', { name: 'Try again' }).click();
    expect(await at.violations()).toEqual([]);
    await at.page.getByLabel('Reason').fill('the payments are well again');
    await at.page.getByRole('button', { name: 'Try it again' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await at.client.ledger(id)).filter(({ effect }) => effect === 'refunded')).toHaveLength(1);

    const above = await at.client.place({ customerId: 'above-inbox', items: ITEMS_ABOVE_LIMIT });
    const asked = at.page.locator('tr', { has: at.page.getByRole('link', { name: above.id }) });
    await asked.getByRole('button', { name: 'Approve' }).click();
    await at.page.getByRole('button', { name: 'Approve the order' }).click();
    expect(await poll(() => at.client.order(above.id), isEnded)).toMatchObject({ status: 'completed' });
    await asked.waitFor({ state: 'detached' });
    expect(await at.violations()).toEqual([]);
  });

  test('lists the orders of all customers by filters that stand in the address', async () => {
    const id = await at.ended('declined-2');
    await at.ended('cust-2');
    await poll(
      () => at.ordersOf('declined-2'),
      ([order]) => order !== undefined && isEnded(order),
    );
    await at.open('/?status=failed');
    await at.page.getByRole('link', { name: id }).waitFor();
    expect(await at.page.getByText('✓ completed').count()).toBe(0);
    await at.page.getByLabel('Any id').fill('cust-2');
    await at.page.getByRole('button', { name: 'Find' }).click();
    await at.page.getByText('✓ completed').first().waitFor();
    expect(new URL(at.page.url()).search).toBe('?customerId=cust-2');
    await at.open('/?status=failed&customerId=cust-2');
    await at.page.getByText('No order is like that.').waitFor();
    expect(new URL(at.page.url()).search).toBe('?status=failed&customerId=cust-2');
    expect(await at.violations()).toEqual([]);
  });

  test('mends a dead letter, which becomes an order, and keeps the original on record', async () => {
    const sender = at.bus.createSender('orders');
    await sender.sendMessages({
      messageId: 'mended',
      body: { customerId: 'mends', contact: { phone: '+49 170 1' } },
    });
    await sender.close();
    const body = at.page.getByLabel('Body of mended');
    await poll(
      async () => {
        await at.open('/letters');
        await at.page.locator('summary', { hasText: 'mended' }).click({ timeout: 2_000 });
        return body.isVisible();
      },
      (isShown) => isShown,
    );
    expect(await at.violations()).toEqual([]);
    const shown = JSON.parse(await body.inputValue()) as { contact: unknown };
    expect(shown).toEqual({ customerId: 'mends', contact: '[redacted]' });
    await body.fill(JSON.stringify({ customerId: 'mends', items: ITEMS, contact: shown.contact }));
    await at.page.getByRole('button', { name: 'Send back as changed' }).click();
    await at.page.getByLabel('Reason').fill('items were missing');
    await at.page.getByRole('button', { name: 'Send the changed letter' }).click();
    await at.page.getByRole('link', { name: /^order / }).click();
    await at.page.getByText('✓ completed').waitFor();
    await at.open('/acts');
    await at.page.getByText('items were missing').click();
    await at.page.getByText('{ "customerId": "mends", "contact": "[redacted]" }', { exact: true }).waitFor();
    expect(await at.violations()).toEqual([]);
  });

  test('counts the orders of a filter, cancels them all with progress, and keeps who did it and why', async () => {
    for (let count = 0; count < 3; count += 1)
      await at.client.place({ customerId: 'recalled', items: ITEMS_ABOVE_LIMIT });
    await poll(
      () => at.ordersOf('recalled'),
      (orders) => orders.filter(({ status }) => status === 'awaitingApproval').length === 3,
    );
    await at.open('/bulk?customerId=recalled');
    await at.page.getByLabel('Show').selectOption('inFlight');
    await at.page.getByRole('button', { name: 'Dry run' }).click();
    await at.page.getByText('3 orders', { exact: true }).waitFor();
    expect(new URL(at.page.url()).searchParams.get('show')).toBe('inFlight');
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('button', { name: 'Start' }).click();
    await at.page.getByLabel('Reason').fill('the lamp was recalled');
    await at.page.getByRole('dialog').getByRole('button', { name: 'Start' }).dblclick();
    await at.page.getByText('completed: 3 done, 0 refused, 0 failed, 0 to go').waitFor();
    expect(await at.page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true);
    expect(await at.violations()).toEqual([]);
    await poll(
      () => at.ordersOf('recalled'),
      (orders) => orders.every(({ status }) => status === 'cancelled'),
    );
    await at.page.getByRole('link', { name: 'All of them' }).click();
    await at.page.getByRole('cell', { name: 'the lamp was recalled' }).waitFor();
    expect(await at.page.getByRole('cell', { name: 'the lamp was recalled' }).count()).toBe(1);
    await at.open('/acts');
    await at.page.locator('summary', { hasText: 'start bulk cancel' }).first().waitFor();
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
    await at.page.route('**/api/ops/bulk/b-1', (route) =>
      route.fulfill({ json: { ...running, state: reason === undefined ? 'running' : 'stopped' } }),
    );
    await at.page.route('**/api/ops/bulk/b-1/stop', (route) => {
      reason = route.request().postDataJSON();
      return route.fulfill({ status: 202, json: { ...running, state: 'stopping' } });
    });
    await at.open('/bulk/b-1');
    await at.page.getByText('running: 19 done, 1 refused, 0 failed, 30 to go').waitFor();
    await at.page.getByRole('cell', { name: 'it is shipped' }).waitFor();
    await at.page.getByRole('button', { name: 'Stop' }).click();
    expect(await at.violations()).toEqual([]);
    await at.page.getByLabel('Reason').fill('the wrong filter');
    await at.page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await at.page.getByText('stopped: 19 done').waitFor();
    expect(reason).toEqual({ reason: 'the wrong filter' });
  });

  test('asks for a token where only operators may look, and the address forgets it', async () => {
    await at.open('/acts', '');
    await at.page.getByLabel('Operator token').fill(TOKEN);
    await at.page.getByRole('button', { name: 'Sign in' }).click();
    await at.page
      .getByText('No operator has done anything yet.')
      .or(at.page.locator('summary').first())
      .waitFor();
    await at.open('/days');
    await at.page.getByRole('columnheader', { name: 'Placed' }).waitFor();
    expect(at.page.url()).not.toContain(TOKEN);
    expect(await at.violations()).toEqual([]);
  });

  test('finds an order by the id of its parcel, and counts what the presets show', async () => {
    const id = await at.ended('parcel-1');
    const { trackingId } = (await (await fetch(`${at.system.urls.api}/api/orders/${id}`)).json()) as {
      trackingId: string;
    };
    await at.open(`/?id=${trackingId}`);
    await at.page.getByRole('heading', { name: id }).waitFor();
    await at.open('/?show=stuck');
    await at.page.getByRole('link', { name: /^Stuck \(\d+\)$/ }).waitFor();
    await at.page.getByText('No order is like that.').waitFor();
  });

  test('pages through ten thousand orders', async () => {
    // The container is made with the first order that is listed.
    await at.ended('listed');
    await poll(
      () => at.ordersOf('listed'),
      (orders) => orders.length > 0,
    );
    const cosmos = new CosmosClient({ endpoint: at.system.urls.cosmos, key: EMULATOR_KEY });
    const container = cosmos.database('orders-db').container('customer-orders');
    await seedListedOrders(container, { count: 10_000, statusOf: () => 'completed' });
    cosmos.dispose();
    await at.open('/?to=2025-12-31T00:00:00Z');
    await at.page.getByRole('link', { name: listedId(9_999) }).waitFor();
    await at.page.getByRole('button', { name: 'Show more' }).click();
    await at.page.getByRole('link', { name: listedId(9_900) }).waitFor();
    expect(await at.page.locator('tbody tr').count()).toBe(100);
  });

  test('draws the rates and latencies of the metrics', async () => {
    await at.ended('charted');
    await at.open('/charts');
    await at.page.getByRole('cell', { name: 'process payment', exact: true }).waitFor();
    await at.page.getByText('completed: ').waitFor();
    expect(await at.page.locator('canvas').count()).toBeGreaterThan(0);
    expect(await at.violations()).toEqual([]);
  });

  test('shows whoever is signed in what their role may see, and the others why not', async () => {
    const as = async (claims: Parameters<typeof signToken>[1]): Promise<void> => {
      await at.open('/shop', '');
      await at.open('/letters', signToken(signInKey(at.system.dataDir), claims, Date.now() + 3_600_000));
      await at.page.reload();
    };
    await at.ended('rita');
    await as({ name: 'rita', customer_id: 'rita' });
    await at.page.getByText(/it asks for the role operator, and rita has the role customer/).waitFor();
    expect(await at.violations()).toEqual([]);
    await at.page.getByRole('link', { name: 'Orders' }).click();
    await at.page.getByRole('heading', { name: 'Your orders' }).waitFor();
    await at.page.getByText('✓ completed').waitFor();
    await as({ name: 'rhea', roles: ['reader'] });
    await at.page.getByText(/rhea has the role reader/).waitFor();
    await at.page.getByRole('link', { name: 'Charts' }).click();
    await at.page.getByRole('heading', { name: 'Charts' }).waitFor();
  });
});
