import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

const KEY = 'o-1:ReserveInventory';
const RESERVATION = `/inventory/reservations/${encodeURIComponent(KEY)}`;

let services: Services;
beforeEach(async () => {
  services = await openServices();
  await services.put('/control/stock/p-1', { onHand: 10 });
});
afterEach(closeServices);

const reserve = (quantity: number, productId = 'p-1', key = KEY): Promise<Answer> =>
  services.post('/inventory/reservations', key, { lines: [{ productId, quantity }] });
const confirm = (): Promise<Answer> => services.post(`${RESERVATION}/confirm`, 'o-1:ConfirmInventory');
const release = (): Promise<Answer> => services.post(`${RESERVATION}/release`, 'o-1:CompensateInventory');
const stock = async (productId = 'p-1'): Promise<unknown> =>
  (await services.get(`/control/stock/${productId}`)).body;

test('a reservation is answered with 201 and an id, and holds the pieces', async () => {
  const answer = await reserve(3);

  expect(answer).toMatchObject({
    status: 201,
    body: { reservationId: expect.stringMatching(/^res_/) as string },
  });
  expect(await stock()).toEqual({ onHand: 10, reserved: 3 });
});

test('a repeated reservation is answered with 200 and the same id, and reserves nothing more', async () => {
  const first = await reserve(3);
  const second = await reserve(3);

  expect(second).toMatchObject({ status: 200, body: first.body as object });
  expect(await stock()).toEqual({ onHand: 10, reserved: 3 });
  expect(await services.effects()).toEqual(['stockReserved']);
});

test('short stock is refused with OUT_OF_STOCK and the product, and no line of the order is reserved', async () => {
  const answer = await services.post('/inventory/reservations', KEY, {
    lines: [
      { productId: 'p-2', quantity: 1 },
      { productId: 'p-1', quantity: 11 },
    ],
  });

  expect(answer).toMatchObject({ status: 409, body: { code: 'OUT_OF_STOCK', productId: 'p-1' } });
  expect(await stock('p-2')).toMatchObject({ reserved: 0 });
  expect(await services.effects()).toEqual([]);
});

test('lines of the same product are added up before they are compared with the stock', async () => {
  const six = { productId: 'p-1', quantity: 6 };

  expect(await services.post('/inventory/reservations', KEY, { lines: [six, six] })).toMatchObject({
    status: 409,
    body: { code: 'OUT_OF_STOCK' },
  });
});

test('S26: a refusal is final for its key: when there is stock again, only another key reserves', async () => {
  const first = await reserve(11);
  await services.put('/control/stock/p-1', { onHand: 11 });

  expect(await reserve(11)).toMatchObject({ status: 409, body: first.body as object });
  expect(await services.get(RESERVATION)).toMatchObject({
    status: 200,
    body: { status: 'refused', code: 'OUT_OF_STOCK' },
  });
  expect(await release()).toMatchObject({ status: 200, body: { found: 'closed' } });
  expect(await confirm()).toMatchObject({ status: 409, body: { code: 'NOT_RESERVED' } });
  expect(await services.effects()).toEqual([]);
  expect((await reserve(11, 'p-1', 'o-2:ReserveInventory')).status).toBe(201);
});

test('twenty concurrent reservations of a stock of 5 get exactly 5', async () => {
  await services.put('/control/stock/p-1', { onHand: 5 });

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => reserve(1, 'p-1', `o-${n}:Reserve`)),
  );

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(15);
  expect(await stock()).toEqual({ onHand: 5, reserved: 5 });
});

test('a product that was never counted is in stock without limit, and its level falls all the same', async () => {
  await services.post('/inventory/reservations', KEY, { lines: [{ productId: 'new', quantity: 1_000 }] });
  await confirm();

  expect(await stock('new')).toEqual({ onHand: 999_999_000, reserved: 0, unlimited: true });
});

test('a product that is counted after it was reserved has a limit from then on', async () => {
  await reserve(3, 'new');
  await services.put('/control/stock/new', { onHand: 5 });

  expect(await reserve(3, 'new', 'o-2:ReserveInventory')).toMatchObject({ body: { code: 'OUT_OF_STOCK' } });
  expect((await reserve(2, 'new', 'o-3:ReserveInventory')).status).toBe(201);
  expect(await stock('new')).toEqual({ onHand: 5, reserved: 5 });
});

test('a product whose id starts with oos- is out of stock', async () => {
  expect(await reserve(1, 'oos-lamp')).toMatchObject({ status: 409, body: { code: 'OUT_OF_STOCK' } });
});

test('confirming takes the pieces off the shelf once, however often it is repeated', async () => {
  const { body } = await reserve(3);

  expect(await confirm()).toMatchObject({ status: 200, body: body as object });
  expect(await confirm()).toMatchObject({ status: 200, body: body as object });
  expect(await stock()).toEqual({ onHand: 7, reserved: 0 });
  expect(await services.effects()).toEqual(['stockReserved', 'stockConfirmed']);
});

test('confirming what was never reserved or was released is refused with NOT_RESERVED', async () => {
  expect(await confirm()).toMatchObject({ status: 409, body: { code: 'NOT_RESERVED' } });
  await reserve(3);
  await release();

  expect(await confirm()).toMatchObject({ status: 409, body: { code: 'NOT_RESERVED' } });
  expect(await stock()).toEqual({ onHand: 10, reserved: 0 });
});

test('releasing gives the pieces back once and answers a repeat alike', async () => {
  await reserve(3);

  expect(await release()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await release()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await stock()).toEqual({ onHand: 10, reserved: 0 });
  expect(await services.effects()).toEqual(['stockReserved', 'stockReleased']);
});

test('a released key is closed: a repeated reservation is refused with KEY_CLOSED', async () => {
  await reserve(3);
  await release();

  expect(await reserve(3)).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await stock()).toEqual({ onHand: 10, reserved: 0 });
});

test('releasing what was never reserved succeeds and leaves a tombstone that keeps a late reservation out', async () => {
  expect(await release()).toMatchObject({ status: 200, body: { found: 'closed' } });
  expect(await release()).toMatchObject({ status: 200, body: { found: 'closed' } });
  expect(await reserve(3)).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.get(RESERVATION)).toMatchObject({ status: 200, body: { status: 'closed' } });
  expect(await services.effects()).toEqual([]);
});

test('S25: a release that asks for it puts confirmed stock back on the shelf, once', async () => {
  await reserve(3);
  await confirm();
  const takeBack = (): Promise<Answer> =>
    services.post(`${RESERVATION}/release`, 'o-1:CompensateInventory', { evenConfirmed: true });
  expect(await takeBack()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await takeBack()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await stock()).toEqual({ onHand: 10, reserved: 0 });
  expect(await confirm()).toMatchObject({ status: 409, body: { code: 'NOT_RESERVED' } });
  expect(await services.effects()).toEqual(['stockReserved', 'stockConfirmed', 'stockReleased']);
});

test('releasing a confirmed reservation is refused with ALREADY_CONFIRMED', async () => {
  await reserve(3);
  await confirm();

  expect(await release()).toMatchObject({ status: 409, body: { code: 'ALREADY_CONFIRMED' } });
  expect(await stock()).toEqual({ onHand: 7, reserved: 0 });
});

test('a look-up by key gives the status, and 404 before anything was done', async () => {
  expect(await services.get(RESERVATION)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const { body } = await reserve(3);
  expect(await services.get(RESERVATION)).toMatchObject({
    status: 200,
    body: { ...(body as object), status: 'reserved' },
  });
  await confirm();
  expect(await services.get(RESERVATION)).toMatchObject({ body: { status: 'confirmed' } });
});

test('a look-up of a released reservation says so', async () => {
  await reserve(3);
  await release();

  expect(await services.get(RESERVATION)).toMatchObject({ status: 200, body: { status: 'released' } });
});

test('a reservation of a thousand lines is one line in the ledger', async () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => ({ productId: `many-${n}`, quantity: 2 }));

  expect((await services.post('/inventory/reservations', KEY, { lines })).status).toBe(201);

  const { body } = await services.get('/control/ledger');
  expect(body).toHaveLength(1);
  expect(body).toMatchObject([{ effect: 'stockReserved', quantity: 2_000 }]);
  expect((body as { productIds: string[] }[])[0]?.productIds).toHaveLength(1_000);
});
