// What an activity does and records when the order went another way meanwhile: an undoing, a step that acted, the pivot.
import type { OrderFact } from '../../../src/domain/order-events';
import { ORDER_ID, facts, started } from '../../support/orders';
import { ahead, callOf, declined, open } from './activities-fixture';

describe('an undoing', () => {
  const paid = [started, facts.stockReserved, facts.paymentProcessed];
  const undo = {
    ...{ undoes: 'ProcessPayment', failure: declined },
    payload: { chargeKey: `${ORDER_ID}:ProcessPayment` } as never,
  };

  test('S23: does nothing before the stream says that the order goes back', async () => {
    const { run, written } = open(...paid);
    expect((await run('RefundPayment', undo)).outcome).toEqual({ kind: 'overtaken' });
    expect(await written()).toEqual([]);
  });

  test('S25: that finds nothing closes the key, and nothing is said to be refunded', async () => {
    const { run, written } = open(
      started,
      facts.stockReserved,
      facts.paymentFailed,
      facts.compensationStarted,
    );
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({ kind: 'done' });
    expect(await written()).toEqual([]);
    expect((await run('ProcessPayment', { payload: { amountMinor: 1 } as never })).outcome.kind).toBe(
      'overtaken',
    );
  });

  test('S25: that finds nothing where the order says that something was done is for an operator', async () => {
    const { run, written } = open(...paid, facts.compensationStarted);
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({
      ...{ kind: 'refused', detailCode: 'NOTHING_TO_UNDO' },
    });
    expect(await written()).toEqual([]);
  });

  test('S25: is recorded after the end too', async () => {
    const { run, written, services } = open(started, facts.paymentFailed, facts.failed);
    await services.payment.charge(callOf('ProcessPayment'), {
      amountMinor: 1,
      currency: 'USD',
      method: 'card',
    });
    expect((await run('RefundPayment', undo)).outcome).toMatchObject({ kind: 'done' });
    expect(await written()).toEqual(['PaymentRefunded']);
  });
});

describe('a step that acted', () => {
  const pay = { payload: { amountMinor: 1, currency: 'USD', method: 'card' } as never };

  test('S25: and whose order has ended meanwhile asks for an operator, once', async () => {
    const ended = open(started, facts.paymentFailed, facts.failed);
    const seen = ahead(started);
    for (const attempt of [1, 2])
      expect((await ended.run('ProcessPayment', { ...pay, ...seen, attempt })).outcome.kind).toBe(
        'overtaken',
      );
    expect(await ended.written()).toEqual(['InterventionOpened']);
    expect(ended.errors).toHaveLength(1);
  });

  test('S23: and whose order goes back meanwhile leaves it to the saga to undo', async () => {
    const { run, written, errors } = open(started, facts.stockReserved, facts.compensationStarted);
    const seen = ahead(started, facts.stockReserved);
    expect((await run('ProcessPayment', { ...pay, ...seen })).outcome.kind).toBe('overtaken');
    expect([await written(), errors]).toEqual([[], []]);
  });

  test('S25: and was given up as undone meanwhile asks for an operator', async () => {
    const givenUp: OrderFact = {
      type: 'CompensationFailed',
      data: { ...facts.paymentRefunded.data, reason: 'no answer', transactionId: null },
    };
    const { run, written } = open(started, facts.stockReserved, facts.compensationStarted, givenUp);
    await run('ProcessPayment', { ...pay, ...ahead(started, facts.stockReserved) });
    expect(await written()).toEqual(['InterventionOpened']);
  });
});

describe('the pivot', () => {
  test('S7: calls no carrier after a cancel was accepted', async () => {
    const { run, services } = open(
      ...[started, facts.stockReserved, facts.paymentProcessed],
      facts.cancelRequested,
    );
    const seen = ahead(started, facts.stockReserved, facts.paymentProcessed);
    const shipped = await run('CreateShipment', {
      ...seen,
      payload: { address: null, itemCount: 1 } as never,
    });
    expect(shipped.outcome.kind).toBe('overtaken');
    expect(services.ledger).toEqual([]);
  });

  test('S7: of an order with nothing to ship confirms no stock after a cancel was accepted', async () => {
    const { run, services } = open(
      ...[started, facts.stockReserved, facts.paymentProcessed],
      facts.cancelRequested,
    );
    const seen = ahead(started, facts.stockReserved, facts.paymentProcessed);
    const confirmed = await run('ConfirmInventory', {
      ...{ ...seen, state: { ...seen.state, physicalCount: 0 } },
      payload: { reservationKey: 'o-1:ReserveInventory' } as never,
    });
    expect(confirmed.outcome.kind).toBe('overtaken');
    // What `run` prepares for a confirmation.
    expect(services.ledger.map(({ effect }) => effect)).toEqual(['stockReserved']);
  });
});
