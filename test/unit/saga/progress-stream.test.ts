// What the saga does when the stream is not as the run expects it: it went back, was shipped, or holds what no call of this
// run did.
import type { OrderSagaTypes } from '../../../src/saga/order/order-saga';
import fc from 'fast-check';
import { type OrderHead } from '../../../src/domain/order';
import { stepsNotUndone } from '../../../src/domain/order-rules';
import {
  saga,
  order,
  done,
  refused,
  unknown,
  transient,
  away,
  overtaken,
  afterCall,
  script,
  types,
} from '../../support/order-plan';
import { drivePlan } from '../../support/plan-driver';
import { facts as told, orderAfter, started } from '../../support/orders';

describe('a saga whose stream went another way', () => {
  test('S23: goes forward when the parcel turns out to be shipped as it starts to undo', () => {
    const shipped = [told.stockReserved, told.paymentProcessed, told.shipmentCreated];
    const { calls, last } = drivePlan<OrderSagaTypes>(
      saga,
      order,
      script({ ProcessPayment: unknown, CancelShipment: overtaken }),
      {
        after: (before, activity, came, decided) =>
          activity === 'CancelShipment'
            ? orderAfter(started, ...shipped)
            : afterCall(before, activity, came, decided),
      },
    );
    expect(calls).toEqual(['ReserveInventory', 'ProcessPayment', 'CancelShipment', 'ConfirmInventory']);
    expect(last.progress.failure).toBeNull();
  });

  test('S23: goes back for the reason that the stream has, when another run went back before', () => {
    const back = orderAfter(started, told.stockReserved, told.paymentProcessed, told.compensationStarted);
    const { calls, facts, last } = drivePlan<OrderSagaTypes>(
      saga,
      order,
      script({ CreateShipment: overtaken }),
      {
        after: (before, activity, came, decided) =>
          activity === 'CreateShipment' ? back : afterCall(before, activity, came, decided),
      },
    );
    expect(calls.slice(2)).toEqual([
      'CreateShipment',
      'CancelShipment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
    expect(types(facts)).toEqual([]);
    expect(last.progress.failure).toEqual(told.compensationStarted.data);
  });

  test('S1: undoes what the stream shows to have been done, although this run never called it', () => {
    const { calls } = drivePlan<OrderSagaTypes>(saga, order, script({ ReserveInventory: unknown }), {
      after: (before, activity, came, decided) =>
        afterCall(
          activity === 'RefundPayment'
            ? orderAfter(started, told.stockReserved, told.paymentProcessed)
            : before,
          ...([activity, came, decided] as const),
        ),
    });
    expect(calls).toEqual([
      'ReserveInventory',
      'RefundPayment',
      'CancelShipment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
  });

  test('S24: undoes what is done before it ends, when the end is refused for it', () => {
    let late = true;
    const { calls } = drivePlan<OrderSagaTypes>(
      saga,
      order,
      (activity) => {
        if (activity === 'ReserveInventory') return refused;
        return activity === 'CompleteOrder' && late ? overtaken : done;
      },
      {
        after: (before, activity, came, decided) => {
          if (activity !== 'CompleteOrder' || !late) return afterCall(before, activity, came, decided);
          late = false;
          return orderAfter(started, told.stockReserved);
        },
      },
    );
    expect(calls).toEqual([
      'ReserveInventory',
      'CompleteOrder',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
  });

  test('S22: goes on forward when no cancel stands behind a signal', () => {
    let signals = 1;
    const { calls, last } = drivePlan<OrderSagaTypes>(
      saga,
      order,
      (activity) => {
        if (activity === 'CancelShipment') return overtaken;
        return activity === 'ProcessPayment' && signals-- > 0 ? { ...done, interruption: 'cancelled' } : done;
      },
      {
        after: (before, activity, { outcome }, decided) => afterCall(before, activity, { outcome }, decided),
      },
    );
    expect(calls).toEqual([
      'ReserveInventory',
      'ProcessPayment',
      'CancelShipment',
      'CreateShipment',
      'ConfirmInventory',
    ]);
    expect(last.progress.failure).toBeNull();
  });

  test('S1, S24: however it ends, nothing that was done is left, or an operator is asked', () => {
    const outcome = fc.constantFrom(done, done, refused, unknown, transient, away, overtaken);
    const interruption = fc.constantFrom(
      undefined,
      undefined,
      undefined,
      'cancelled' as const,
      'timedOut' as const,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, interruption), { maxLength: 30 }), (outcomes) => {
        let index = 0;
        let state: OrderHead = order;
        drivePlan<OrderSagaTypes>(
          saga,
          state,
          () => {
            const [came, interrupted] = outcomes[index++] ?? [done, undefined];
            return interrupted === undefined ? came : { ...came, interruption: interrupted };
          },
          {
            after: (before, activity, came, decided) => (state = afterCall(before, activity, came, decided)),
          },
        );
        expect(state.ended || state.status === 'shipped').toBe(true);
        if (state.status === 'failed' || state.status === 'cancelled')
          expect(stepsNotUndone(state.saga)).toEqual([]);
        if (state.status === 'shipped') expect(state.saga.needsIntervention).toBe(true);
      }),
    );
  });
});
