import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

const KEY = 'o-1:ProcessPayment';
const CHARGE = `/payments/charges/${encodeURIComponent(KEY)}`;

let services: Services;
beforeEach(async () => {
  services = await openServices();
});
afterEach(closeServices);

const charge = (more: object = {}): Promise<Answer> =>
  services.post('/payments/charges', KEY, { amountMinor: 14_993, currency: 'EUR', method: 'card', ...more });
const refund = (more: object = {}): Promise<Answer> =>
  services.post(`${CHARGE}/refund`, 'o-1:RefundPayment', more);

test('a charge is answered with 201, a transaction id and the amount', async () => {
  expect(await charge()).toMatchObject({
    status: 201,
    body: { transactionId: expect.stringMatching(/^txn_/) as string, amountMinor: 14_993 },
  });
});

test('a repeated charge is answered with 200 and the same transaction, and charges nothing more', async () => {
  const first = await charge();

  expect(await charge()).toMatchObject({ status: 200, body: first.body as object });
  expect(await services.effects()).toEqual(['charged']);
});

test('fifty concurrent charges under one key are one charge', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => charge()));

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(await services.effects()).toEqual(['charged']);
});

test('a charge of zero is refused', async () => {
  const answer = await charge({ amountMinor: 0 });
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([
    400,
    expect.stringContaining('there is no charge of nothing'),
  ]);
});

test.each([{ amountMinor: 1 }, { currency: 'USD' }])(
  'the same key with another %o is refused with KEY_REUSED',
  async (other) => {
    await charge();

    expect(await charge(other)).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
    expect(await services.effects()).toEqual(['charged']);
  },
);

test('S26: a customer whose id starts with declined- has the card declined, for good under this key', async () => {
  const first = await charge({ customerId: 'declined-1' });

  expect(first).toMatchObject({ status: 402, body: { code: 'CARD_DECLINED' } });
  expect(await charge()).toMatchObject({ status: 402, body: first.body as object });
  expect(await charge({ amountMinor: 1 })).toMatchObject({ body: first.body as object });
  expect(await services.effects()).toEqual([]);
});

test('S26: refunding a refused charge finds nothing to undo, and the charge stays refused', async () => {
  await charge({ customerId: 'declined-1' });

  expect(await refund()).toMatchObject({ status: 200, body: { found: 'closed' } });
  expect(await charge()).toMatchObject({ status: 402, body: { code: 'CARD_DECLINED' } });
  expect(await services.effects()).toEqual([]);
});

test('a body that cannot be read does not use up its key: corrected, it is charged', async () => {
  expect((await charge({ amountMinor: 'much' })).status).toBe(400);
  expect((await charge()).status).toBe(201);
});

test('a refund gives the amount back once and answers a repeat alike', async () => {
  await charge();

  const first = await refund();
  const second = await refund();

  expect(first).toMatchObject({
    status: 200,
    body: { found: 'undone', refundId: expect.stringMatching(/^rfd_/) as string },
  });
  expect(second.body).toEqual(first.body);
  expect((await services.get('/control/ledger')).body).toMatchObject([
    { effect: 'charged', amount: 14_993, currency: 'EUR', key: KEY },
    { effect: 'refunded', amount: 14_993, currency: 'EUR', key: KEY },
  ]);
});

test('a charge after its refund is refused with KEY_CLOSED', async () => {
  await charge();
  await refund();

  expect(await charge()).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.effects()).toEqual(['charged', 'refunded']);
});

test('a refund of what was never charged succeeds and keeps a late charge out', async () => {
  expect(await refund()).toMatchObject({ status: 200, body: { found: 'closed' } });
  expect(await refund()).toMatchObject({ status: 200, body: { found: 'closed' } });

  expect(await charge()).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.get(CHARGE)).toMatchObject({ status: 200, body: { status: 'closed' } });
  expect(await services.effects()).toEqual([]);
});

test('a refund that is refused changes nothing, and may be asked for again', async () => {
  await charge();
  await services.put('/control/faults', [{ service: 'payments', fault: 'refuse', times: 1 }]);

  expect((await refund()).status).toBe(409);
  expect((await services.get(CHARGE)).body).toMatchObject({ status: 'charged' });
  expect((await refund()).body).toMatchObject({ found: 'undone' });
});

test('a customer whose id starts with norefund- is charged and the refund is refused', async () => {
  await charge({ customerId: 'norefund-1' });

  expect(await refund({ customerId: 'norefund-1' })).toMatchObject({
    status: 409,
    body: { code: 'REFUND_REFUSED' },
  });
  expect(await services.effects()).toEqual(['charged']);
});

test('a look-up by key gives transaction, amount and status', async () => {
  expect((await services.get(CHARGE)).status).toBe(404);
  const { body } = await charge();
  expect(await services.get(CHARGE)).toMatchObject({
    status: 200,
    body: { ...(body as object), currency: 'EUR', status: 'charged' },
  });
  await refund();
  expect((await services.get(CHARGE)).body).toMatchObject({ status: 'refunded' });
});

test('a look-up of a refused charge gives the code of the refusal', async () => {
  await charge({ customerId: 'declined-1' });

  expect(await services.get(CHARGE)).toMatchObject({
    status: 200,
    body: { status: 'refused', code: 'CARD_DECLINED' },
  });
});
