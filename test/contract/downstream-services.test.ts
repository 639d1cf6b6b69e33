// One suite for the services as the saga sees them: the HTTP clients on the simulators, and the fakes of the saga tests.
import {
  createInventoryService,
  createPaymentService,
  createShippingService,
} from '../../src/adapters/downstream-services';
import { createServiceClient, type ServiceClient } from '../../src/adapters/service-client';
import type {
  InventoryService,
  PaymentService,
  ServiceCall,
  ShippingService,
} from '../../src/ports/downstream';
import { createFakeServices } from '../support/fake-services';
import { closeServices, openServices, type Services } from '../support/simulated-services';

interface Opened {
  readonly inventory: InventoryService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
  effects(orderId: string): Promise<readonly string[]>;
}

const clients: ServiceClient[] = [];
function client(services: Services, path: string, breakerOpenMs = 60_000): ServiceClient {
  const opened = createServiceClient({ service: path, baseUrl: `${services.url}/${path}`, breakerOpenMs });
  clients.push(opened);
  return opened;
}

const openings: Readonly<Record<string, () => Promise<Opened>>> = {
  'as fakes': () => {
    const { inventory, payment, shipping, ledger } = createFakeServices();
    const effects = (orderId: string) =>
      Promise.resolve(ledger.filter((entry) => entry.orderId === orderId).map(({ effect }) => effect));
    return Promise.resolve({ inventory, payment, shipping, effects });
  },
  'over HTTP': async () => {
    const services = await openServices();
    return {
      inventory: createInventoryService(client(services, 'inventory')),
      payment: createPaymentService(client(services, 'payments')),
      shipping: createShippingService(client(services, 'shipping')),
      effects: (orderId) => services.effects(`?orderId=${orderId}`),
    };
  },
};

afterAll(async () => {
  await Promise.all(clients.map((opened) => opened.close()));
  await closeServices();
});

let ids = 0;
function newCall(step: string, more: Partial<ServiceCall> = {}): ServiceCall {
  const orderId = `order-${++ids}`;
  return {
    key: `${orderId}:${step}`,
    orderId,
    customerId: 'cust-1',
    correlationId: 'corr-1',
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    timeoutMs: 5_000,
    ...more,
  };
}

const lines = [{ productId: 'prod-x', productName: 'X', quantity: 2, unitPriceMinor: 100 }];
const charge = { amountMinor: 200, currency: 'USD', method: 'card' };
const parcel = { address: null, itemCount: 2 };

describe.each(Object.entries(openings))('services %s', (_, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });

  const kinds: readonly {
    readonly name: string;
    readonly effects: readonly [string, string];
    readonly act: (call: ServiceCall) => Promise<{ kind: string }>;
    readonly undo: (call: ServiceCall, key: string) => Promise<{ kind: string }>;
    readonly find: (call: ServiceCall, key: string) => Promise<unknown>;
    readonly statuses: readonly [string, string];
  }[] = [
    {
      name: 'reserving stock',
      effects: ['stockReserved', 'stockReleased'],
      act: (call) => opened.inventory.reserve(call, lines),
      undo: (call, key) => opened.inventory.release(call, key),
      find: (call, key) => opened.inventory.findReservation(call, key),
      statuses: ['reserved', 'released'],
    },
    {
      name: 'charging',
      effects: ['charged', 'refunded'],
      act: (call) => opened.payment.charge(call, charge),
      undo: (call, key) => opened.payment.refund(call, key),
      find: (call, key) => opened.payment.findCharge(call, key),
      statuses: ['charged', 'refunded'],
    },
    {
      name: 'shipping',
      effects: ['shipmentCreated', 'shipmentCancelled'],
      act: (call) => opened.shipping.ship(call, parcel),
      undo: (call, key) => opened.shipping.cancel(call, key),
      find: (call, key) => opened.shipping.findShipment(call, key),
      statuses: ['created', 'cancelled'],
    },
  ];

  describe.each(kinds)('$name', ({ act, undo, find, effects, statuses }) => {
    test('S2: twice under one key is one effect with one answer', async () => {
      const call = newCall('act');
      const first = await act(call);
      expect(first.kind).toBe('done');
      expect(await act(call)).toEqual(first);
      expect(await opened.effects(call.orderId)).toEqual(effects.slice(0, 1));
    });

    test('S2: and undoing it twice is one effect each', async () => {
      const call = newCall('act');
      await act(call);
      expect((await undo({ ...call, key: `${call.orderId}:undo` }, call.key)).kind).toBe('done');
      expect((await undo({ ...call, key: `${call.orderId}:undo` }, call.key)).kind).toBe('done');
      expect(await opened.effects(call.orderId)).toEqual(effects);
    });

    test('S2: undone before it happened succeeds and closes the key', async () => {
      const call = newCall('act');
      expect((await undo({ ...call, key: `${call.orderId}:undo` }, call.key)).kind).toBe('done');
      expect(await act(call)).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
      expect(await opened.effects(call.orderId)).toEqual([]);
    });

    test('S3: can be looked up by its key, before and after', async () => {
      const call = newCall('act');
      expect(await find(call, call.key)).toEqual({ kind: 'done', value: null });
      await act(call);
      expect(await find(call, call.key)).toMatchObject({ kind: 'done', value: { status: statuses[0] } });
      await undo({ ...call, key: `${call.orderId}:undo` }, call.key);
      expect(await find(call, call.key)).toMatchObject({ kind: 'done', value: { status: statuses[1] } });
    });
  });

  test('confirming a reservation twice takes the stock once', async () => {
    const call = newCall('ReserveInventory');
    await opened.inventory.reserve(call, lines);
    const confirm = { ...call, key: `${call.orderId}:ConfirmInventory` };
    expect((await opened.inventory.confirm(confirm, call.key)).kind).toBe('done');
    expect((await opened.inventory.confirm(confirm, call.key)).kind).toBe('done');
    expect(await opened.effects(call.orderId)).toEqual(['stockReserved', 'stockConfirmed']);
  });
});

describe('a service client', () => {
  const faulty = async (
    fault: string,
    more: object = {},
  ): Promise<{ services: Services; payment: PaymentService }> => {
    const services = await openServices();
    await services.put('/control/faults', [{ service: 'payments', operation: 'charge', fault, ...more }]);
    return { services, payment: createPaymentService(client(services, 'payments')) };
  };

  test.each([
    ['error', { kind: 'transient', outage: null, error: { code: 'SERVICE_ERROR' } }],
    ['down', { kind: 'transient', outage: 'service', error: { code: 'SERVICE_UNAVAILABLE' } }],
    ['refuse', { kind: 'refused', detailCode: 'CARD_DECLINED' }],
    ['loseAnswer', { kind: 'unknown', cause: 'connectionLost' }],
  ])('S3: takes the fault %s for what it is', async (fault, outcome) => {
    const { payment } = await faulty(fault);
    expect(await payment.charge(newCall('ProcessPayment'), charge)).toMatchObject(outcome);
  });

  test('S2: gives a call up at its deadline, with an unknown outcome', async () => {
    const { payment } = await faulty('hang');
    const outcome = await payment.charge(newCall('ProcessPayment', { timeoutMs: 50 }), charge);
    expect(outcome).toMatchObject({ kind: 'unknown', cause: 'timeout' });
  });

  test('S3: a charge whose answer was lost is found by its key', async () => {
    const { payment } = await faulty('loseAnswer');
    const call = newCall('ProcessPayment');
    await payment.charge(call, charge);
    expect(await payment.findCharge(call, call.key)).toMatchObject({
      kind: 'done',
      value: { status: 'charged' },
    });
  });

  test('a service that is not there is an outage: it cannot have acted', async () => {
    const services = await openServices();
    const payment = createPaymentService(client(services, 'payments'));
    await services.close();
    expect(await payment.charge(newCall('ProcessPayment'), charge)).toMatchObject({
      kind: 'transient',
      outage: 'service',
      error: { code: 'SERVICE_UNREACHABLE' },
    });
  });

  test('opens its breaker after five failures, calls nobody, and lets one call through after the pause', async () => {
    const services = await openServices();
    const paymentClient = client(services, 'payments', 20);
    const payment = createPaymentService(paymentClient);
    await services.put('/control/faults', [{ service: 'payments', fault: 'error' }]);
    for (let failures = 0; failures < 5; failures++) await payment.charge(newCall('ProcessPayment'), charge);
    expect(paymentClient.breakerState()).toBe('open');
    const held = newCall('ProcessPayment');
    expect(await payment.charge(held, charge)).toMatchObject({
      outage: 'service',
      error: { code: 'BREAKER_OPEN' },
    });
    expect((await services.get(`/control/requests?orderId=${held.orderId}`)).body).toEqual([]);
    await services.send('DELETE', '/control/faults');
    let outcome: { kind: string } = { kind: 'transient' };
    while (outcome.kind === 'transient') outcome = await payment.charge(newCall('ProcessPayment'), charge);
    expect(outcome.kind).toBe('done');
    expect(paymentClient.breakerState()).toBe('closed');
  });

  test('refusals do not open the breaker', async () => {
    const services = await openServices();
    const paymentClient = client(services, 'payments');
    const payment = createPaymentService(paymentClient);
    const declined = { customerId: 'declined-1' };
    for (let refusals = 0; refusals < 10; refusals++)
      await payment.charge(newCall('ProcessPayment', declined), charge);
    expect(paymentClient.breakerState()).toBe('closed');
  });

  test('sends key, trace context and correlation id with every call', async () => {
    const services = await openServices();
    const payment = createPaymentService(client(services, 'payments'));
    const call = newCall('ProcessPayment');
    await payment.charge(call, charge);
    const { body } = await services.get(`/control/requests?orderId=${call.orderId}`);
    expect(body).toEqual([
      expect.objectContaining({ key: call.key, traceparent: call.traceparent, correlationId: 'corr-1' }),
    ]);
  });
});
