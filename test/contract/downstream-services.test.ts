// One suite for the services as the saga sees them: the HTTP clients on the simulators, and the fakes of the saga tests.
import { createPaymentService } from '../../src/adapters/downstream-services';
import type { PaymentService } from '../../src/ports/downstream';
import {
  ADAPTERS,
  charge,
  closeAdapters,
  KINDS,
  lines,
  newCall,
  openClient as client,
  type Adapters,
} from '../support/downstream-adapters';
import { openServices, type Services } from 'order-saga-simulators/testing/simulated-services';
import { until } from 'azure-local/kit/until';

afterAll(closeAdapters);

describe.each(Object.entries(ADAPTERS))('services %s', (_, open) => {
  let opened: Adapters;
  beforeAll(async () => {
    opened = await open();
  });

  describe.each(KINDS)('$name', ({ act, undo, find, effects, statuses, operations: [doing, undoing] }) => {
    test('S2: twice under one key is one effect with one answer', async () => {
      const call = newCall('act');
      const first = await act(opened, call);
      expect(first.kind).toBe('done');
      expect(await act(opened, call)).toEqual(first);
      expect(await opened.effects(call.orderId)).toEqual(effects.slice(0, 1));
    });

    test('S2, S26: and undoing it twice is one effect each, and says so both times', async () => {
      const call = newCall('act');
      await act(opened, call);
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'undone' } });
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'undone' } });
      expect(await opened.effects(call.orderId)).toEqual(effects);
    });

    test('S2, S26: undone before it happened succeeds, closes the key and says so', async () => {
      const call = newCall('act');
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'closed' } });
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'closed' } });
      expect(await act(opened, call)).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
      expect(await find(opened, call)).toEqual({ kind: 'done', value: { status: 'closed' } });
      expect(await opened.effects(call.orderId)).toEqual([]);
    });

    test('S3: can be looked up by its key, before and after', async () => {
      const call = newCall('act');
      expect(await find(opened, call)).toEqual({ kind: 'done', value: null });
      await act(opened, call);
      expect(await find(opened, call)).toMatchObject({ kind: 'done', value: { status: statuses[0] } });
      await undo(opened, call);
      expect(await find(opened, call)).toMatchObject({ kind: 'done', value: { status: statuses[1] } });
    });

    test('S26: is refused for good under its key, and its undoing finds nothing', async () => {
      const call = newCall('act');
      await opened.plan(doing, 'refuse');
      const refusal = await act(opened, call);
      const { detailCode } = refusal as { detailCode: string };
      expect(refusal.kind).toBe('refused');
      expect(await act(opened, call)).toMatchObject({ kind: 'refused', detailCode });
      expect(await find(opened, call)).toEqual({ kind: 'done', value: { status: 'refused', detailCode } });
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'closed' } });
      expect(await act(opened, call)).toMatchObject({ kind: 'refused', detailCode });
      expect(await opened.effects(call.orderId)).toEqual([]);
    });

    test('S26: whose undoing is refused stands, and can be undone later', async () => {
      const call = newCall('act');
      await act(opened, call);
      await opened.plan(undoing, 'refuse');
      expect((await undo(opened, call)).kind).toBe('refused');
      expect(await find(opened, call)).toMatchObject({ value: { status: statuses[0] } });
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'undone' } });
    });

    test('S26: in progress is transient, for its repeat and its undoing', async () => {
      const call = newCall('act');
      await opened.plan(doing, 'inProgress');
      const acting = act(opened, call);
      await opened.atWork();
      const busy = { kind: 'transient', outage: 'key', error: { code: 'KEY_IN_PROGRESS' } };
      expect(await act(opened, call)).toMatchObject(busy);
      expect(await undo(opened, call)).toMatchObject(busy);
      expect(await find(opened, call)).toEqual({ kind: 'done', value: null });
      opened.finish();
      expect((await acting).kind).toBe('done');
      expect(await undo(opened, call)).toEqual({ kind: 'done', value: { found: 'undone' } });
    });

    test('S26: meets its undoing in progress, and is refused once that has closed the key', async () => {
      const call = newCall('act');
      await opened.plan(undoing, 'inProgress');
      const closing = undo(opened, call);
      await opened.atWork();
      expect(await act(opened, call)).toMatchObject({ kind: 'transient', outage: 'key' });
      opened.finish();
      expect(await closing).toEqual({ kind: 'done', value: { found: 'closed' } });
      expect(await act(opened, call)).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
      expect(await opened.effects(call.orderId)).toEqual([]);
    });
  });

  test('confirming a reservation twice takes the stock once, and it cannot be released any more', async () => {
    const call = newCall('ReserveInventory');
    await opened.inventory.reserve(call, lines);
    const confirm = { ...call, key: `${call.orderId}:ConfirmInventory` };
    expect((await opened.inventory.confirm(confirm, call.key)).kind).toBe('done');
    expect((await opened.inventory.confirm(confirm, call.key)).kind).toBe('done');
    const release = await opened.inventory.release({ ...call, key: `${call.orderId}:x` }, call.key);
    expect(release).toMatchObject({ kind: 'refused', detailCode: 'ALREADY_CONFIRMED' });
    expect(await opened.effects(call.orderId)).toEqual(['stockReserved', 'stockConfirmed']);
  });

  test('confirming what was not reserved is refused, and reserves nothing', async () => {
    const call = newCall('ReserveInventory');
    expect(await opened.inventory.confirm({ ...call, key: `${call.orderId}:c` }, call.key)).toMatchObject({
      kind: 'refused',
      detailCode: 'NOT_RESERVED',
    });
    expect(await opened.effects(call.orderId)).toEqual([]);
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

  test('S26: a request that the service cannot read promises nothing of its key: it is transient', async () => {
    const payment = createPaymentService(client(await openServices(), 'payments'));
    const call = newCall('ProcessPayment');
    const outcome = await payment.charge(call, { ...charge, amountMinor: -1 });
    expect(outcome).toMatchObject({ kind: 'transient', outage: null, error: { code: 'INVALID_BODY' } });
    expect((await payment.charge(call, charge)).kind).toBe('done');
  });

  test('S26: a wrong address promises nothing of a key: it is transient', async () => {
    const services = await openServices();
    const payment = createPaymentService(client(services, 'promotions'));
    expect(await payment.charge(newCall('ProcessPayment'), charge)).toMatchObject({
      ...{ kind: 'transient', outage: null },
      error: { code: 'NO_SUCH_ROUTE' },
    });
  });

  test('S26: another amount under the key of a charge is no refusal: the key has charged', async () => {
    const services = await openServices();
    const payment = createPaymentService(client(services, 'payments'));
    const call = newCall('ProcessPayment');
    await payment.charge(call, charge);
    expect(await payment.charge(call, { ...charge, amountMinor: 1 })).toMatchObject({
      ...{ kind: 'transient', outage: null },
      error: { code: 'KEY_REUSED' },
    });
  });

  test('S26: keys in progress do not open the breaker', async () => {
    const { services, payment } = await faulty('inProgress', { times: 1 });
    const call = newCall('ProcessPayment');
    const acting = payment.charge(call, charge);
    await until('the charge is at work', () => services.clock.nextDueMs() !== undefined);
    for (let meetings = 0; meetings < 10; meetings++) await payment.charge(call, charge);
    expect((await payment.charge(newCall('ProcessPayment'), charge)).kind).toBe('done');
    services.clock.advance(1_000);
    expect((await acting).kind).toBe('done');
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
