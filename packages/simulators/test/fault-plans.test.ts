// Fault plans: which calls a rule applies to, how often, and which rules are refused.
import { CHARGE, charge, plan, services, servicesPerTest } from '../testing/charges';

servicesPerTest();

/** The statuses of `count` charges, each under its own key. */
async function statuses(count: number): Promise<number[]> {
  const results: number[] = [];
  for (let n = 0; n < count; n += 1) results.push((await charge({}, `o-${n}:ProcessPayment`)).status);
  return results;
}

test('times is the number of calls that a rule applies to, and the rest can be read', async () => {
  await plan({ service: 'payments', fault: 'error', times: 2 });

  expect(await statuses(1)).toEqual([500]);
  expect((await services.get('/control/faults')).body).toEqual([
    { service: 'payments', fault: 'error', times: 2, remaining: 1 },
  ]);
  expect(await statuses(3)).toEqual([500, 201, 201]);
});

test('the first matching rule applies, and the next one when it is used up', async () => {
  await plan(
    { service: 'payments', fault: 'error', times: 1 },
    { service: 'payments', fault: 'down', times: 1 },
  );

  expect(await statuses(3)).toEqual([500, 503, 201]);
});

test('a rule applies only to the order, customer and operation it names', async () => {
  await plan(
    { service: 'payments', operation: 'charge', orderId: 'o-2', fault: 'error' },
    { service: 'payments', customerId: 'c-3', fault: 'down' },
  );

  expect((await charge()).status).toBe(201);
  expect((await charge({ orderId: 'o-2' }, 'o-2:ProcessPayment')).status).toBe(500);
  expect((await charge({ customerId: 'c-3' }, 'o-3:ProcessPayment')).status).toBe(503);
  expect((await services.get('/payments/charges/o-2%3AProcessPayment')).status).toBe(404);
  expect((await services.get(`${CHARGE}?orderId=o-1&customerId=c-3`)).status).toBe(503);
});

test('a look-up without a query belongs to the order that its key begins with', async () => {
  await plan({ service: 'payments', operation: 'lookUp', orderId: 'o-1', fault: 'error' });

  expect((await services.get(CHARGE)).status).toBe(500);
  expect((await services.get('/payments/charges/o-2%3AProcessPayment')).status).toBe(404);
});

test('the same seed fails the same calls, another seed others', async () => {
  const chaos = (seed: number): object => ({ service: 'payments', fault: 'error', probability: 0.5, seed });
  const failed = async (seed: number): Promise<boolean[]> => {
    await plan(chaos(seed));
    return (await statuses(40)).map((status) => status === 500);
  };

  const first = await failed(7);

  expect(first).toContain(true);
  expect(first).toContain(false);
  expect(await failed(7)).toEqual(first);
  expect(await failed(8)).not.toEqual(first);
});

test('a rule with a probability and no seed is given one that can be read', async () => {
  const { body } = await plan({ service: 'payments', fault: 'error', probability: 0.5 });

  expect(body).toEqual([
    { service: 'payments', fault: 'error', probability: 0.5, seed: expect.any(Number) as number },
  ]);
});

test('singular service names and the long names of shipping operations are understood', async () => {
  const { body } = await plan(
    { service: 'payment', fault: 'down' },
    { service: 'shipping', operation: 'createShipment', fault: 'down' },
    { service: 'shipping', operation: 'cancelShipment', fault: 'down' },
  );

  expect(body).toMatchObject([{ service: 'payments' }, { operation: 'ship' }, { operation: 'cancel' }]);
});

test('a new plan replaces the old one, and DELETE clears it', async () => {
  await plan({ service: 'payments', fault: 'down' });
  await plan({ service: 'shipping', fault: 'down' });
  expect((await charge()).status).toBe(201);

  await services.send('DELETE', '/control/faults');

  expect((await services.get('/control/faults')).body).toEqual([]);
  expect((await services.post('/shipping/shipments', 'k', { itemCount: 1 })).status).toBe(201);
});

test.each([
  [{ service: 'payments', fault: 'explode' }, '[0].fault', "'loseAnswer'"],
  [{ service: 'bank', fault: 'error' }, '[0].service', "'payments'"],
  [{ fault: 'error' }, '[0].service', "'payments'"],
  [{ service: 'payments', operation: 'reserve', fault: 'error' }, '[0].operation', "'refund'"],
  [{ service: 'payments', operation: 'lookUp', fault: 'refuse' }, '[0].operation', 'cannot be refused'],
  [{ service: 'promotions', operation: 'charge', fault: 'error' }, '[0].operation', "'redeem'"],
  [{ service: 'payments', fault: 'error', order: 'o-1' }, '[0]', "'order'"],
  [{ service: 'payments', fault: 'error', times: 0 }, '[0].times', '>0'],
  [{ service: 'payments', fault: 'error', probability: 2 }, '[0].probability', '<=1'],
])('the rule %j is refused by the path %s, and the plan stays as it was', async (rule, path, saying) => {
  await plan({ service: 'payments', fault: 'down' });

  const { status, body } = await plan(rule);

  expect(status).toBe(400);
  expect(body).toMatchObject({
    code: 'INVALID_FAULTS',
    errors: [{ path, message: expect.stringContaining(saying) as string }],
  });
  expect((await charge()).status).toBe(503);
});

test('a plan that is not a list of rules is refused', async () => {
  expect((await services.put('/control/faults', { service: 'payments', fault: 'down' })).status).toBe(400);
});
