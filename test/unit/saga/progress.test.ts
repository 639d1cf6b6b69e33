// What the saga does next, outcome by outcome: the order saga's plan, without Durable Functions.
import type { OrderSagaTypes } from '../../../src/saga/order/order-saga';
import {
  saga,
  order,
  done,
  refused,
  unknown,
  transient,
  away,
  overtaken,
  FORWARD,
  UNDO_FROM_SHIPMENT,
  UNDO,
  drive,
  script,
  types,
} from '../../support/order-plan';
import { orderSaga } from '../../../src/saga/order/order-saga-versions';
import { drivePlan } from '../../support/plan-driver';
import type { Scripted } from '../../support/plan-driver';
import { facts as told, orderAfter, started } from '../../support/orders';

describe('deciding the next step', () => {
  test('the happy path calls every step once and nothing else', () => {
    const { calls, last } = drive(saga, order, script({}));
    expect(calls).toEqual(FORWARD);
    expect(last.progress.failure).toBeNull();
  });

  test('a saga whose order has ended makes no call', () => {
    const ended = orderAfter(
      ...[started, told.stockReserved, told.paymentProcessed, told.shipmentCreated],
      told.stockConfirmed,
      told.completed,
    );
    expect(drive(saga, ended, script({})).calls).toEqual([]);
  });

  test('a last step that left the end unwritten has it written', () => {
    const { calls } = drivePlan<OrderSagaTypes>(saga, order, script({}));
    expect(calls).toEqual([...FORWARD, 'CompleteOrder']);
  });

  test('S1: a refused step is not compensated, the steps before it are, in reverse', () => {
    const { calls, facts } = drive(saga, order, script({ CreateShipment: refused }));
    expect(calls).toEqual([
      'ReserveInventory',
      'ProcessPayment',
      'CreateShipment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
    expect(types(facts)).toEqual(['ShipmentFailed', 'CompensationStarted']);
  });

  test('S1: when the first step is refused nothing is compensated', () => {
    const { calls, facts } = drive(saga, order, script({ ReserveInventory: refused }));
    expect(calls).toEqual(['ReserveInventory', 'CompleteOrder']);
    expect(types(facts)).toEqual(['StockReservationFailed']);
  });

  test('S3: a step nobody knows the outcome of is compensated too', () => {
    const { calls, last } = drive(saga, order, script({ ProcessPayment: unknown }));
    expect(calls.slice(2)).toEqual(UNDO_FROM_SHIPMENT);
    expect(last.progress.failure).toMatchObject({ code: 'STEP_TIMED_OUT', detailCode: 'ProcessPayment' });
  });

  test('S11: a transient failure is tried three times with growing waits, then compensated', () => {
    const { calls, pausesMs, last } = drive(saga, order, script({ ProcessPayment: transient }));
    expect(calls.filter((call) => call === 'ProcessPayment')).toHaveLength(3);
    expect(pausesMs).toEqual([1_000, 2_000]);
    expect(calls.slice(4)).toEqual(UNDO_FROM_SHIPMENT);
    expect(last.progress.failure).toMatchObject({
      ...{ code: 'PAYMENT_FAILED', detailCode: 'E', reason: 'it failed' },
    });
  });

  test('S11: an outage uses up no attempt and is waited for with capped backoff', () => {
    const { calls, pausesMs } = drive(saga, order, (activity, attempt) =>
      activity === 'ProcessPayment' && attempt <= 20 ? away : done,
    );
    expect(calls.filter((call) => call === 'ProcessPayment')).toHaveLength(21);
    expect(Math.max(...pausesMs)).toBe(30_000);
    expect(calls).not.toContain('RefundPayment');
  });

  test('S7: a cancel during a backoff makes the saga go back with the step counted as possibly done', () => {
    const { calls, last } = drive(saga, order, script({ ProcessPayment: transient }), {
      interruptPause: 'cancelled',
    });
    expect(calls).toEqual(['ReserveInventory', 'ProcessPayment', ...UNDO_FROM_SHIPMENT]);
    expect(last.progress.failure?.kind).toBe('cancelled');
  });

  test('S7: a shipment that met a cancel request is called back', () => {
    const { calls } = drive(
      saga,
      order,
      script({ CreateShipment: { ...overtaken, interruption: 'cancelled' } }),
    );
    expect(calls.slice(3)).toEqual([
      'CancelShipment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
  });

  test('S9: after the pivot nothing is undone, whatever interrupts', () => {
    const { calls } = drive(saga, order, (activity, attempt) =>
      activity === 'ConfirmInventory' && attempt < 5 ? { ...unknown, interruption: 'cancelled' } : done,
    );
    expect(calls.filter((call) => call === 'ConfirmInventory')).toHaveLength(5);
    expect(calls.filter((call) => Object.values(UNDO).includes(call))).toEqual([]);
  });

  test('S9: a step after the pivot that cannot be done opens an intervention and is not undone', () => {
    const { calls, facts } = drive(saga, order, script({ ConfirmInventory: refused }));
    expect(calls).toEqual([...FORWARD, 'CompleteOrder']);
    expect(types(facts)).toEqual(['InterventionOpened']);
  });

  test('S4: a failing compensation stops no other and is told once', () => {
    const { calls, facts } = drive(
      saga,
      order,
      script({ CreateShipment: refused, RefundPayment: refused, CompensateInventory: transient }),
    );
    expect(calls.slice(3)).toEqual(['RefundPayment', 'CompensateInventory', 'CompleteOrder']);
    expect(types(facts)).toEqual([
      'ShipmentFailed',
      'CompensationStarted',
      'CompensationFailed',
      'CompensationFailed',
    ]);
  });

  test('S4: CompensationMaxAttempts lets a refund that fails twice succeed on the third try', () => {
    const { calls, facts } = drive(orderSaga(1, 3), order, (activity, attempt) => {
      if (activity === 'CreateShipment') return refused;
      return activity === 'RefundPayment' && attempt < 3 ? transient : done;
    });
    expect(calls.filter((call) => call === 'RefundPayment')).toHaveLength(3);
    expect(types(facts)).not.toContain('CompensationFailed');
  });

  test('S8: a saga timeout undoes even a step that was done in time', () => {
    const { calls, last } = drive(
      saga,
      order,
      script({ ProcessPayment: { ...done, interruption: 'timedOut' } }),
    );
    expect(calls.slice(2)).toEqual(UNDO_FROM_SHIPMENT);
    expect(last.progress.failure?.code).toBe('SAGA_TIMED_OUT');
  });

  test('S7: a cancel during a call that failed for now is a cancel, and no failure of the step', () => {
    const { calls, facts, last } = drive(
      saga,
      order,
      script({ ProcessPayment: { ...transient, interruption: 'cancelled' } }),
    );
    expect(calls.slice(1)).toEqual(['ProcessPayment', ...UNDO_FROM_SHIPMENT]);
    expect(types(facts)).toEqual(['CompensationStarted']);
    expect(last.progress.failure?.kind).toBe('cancelled');
  });

  test('an ending that could not be written is tried again, and left to the reconciler after ten attempts', () => {
    const failing = { ReserveInventory: refused, CompleteOrder: transient };
    const { calls } = drive(saga, order, script(failing));
    expect(calls.slice(1)).toEqual(Array<string>(10).fill('CompleteOrder'));
  });

  test('what was decided goes into the stream with the next call', () => {
    const { calls, facts } = drive(saga, order, script({ ProcessPayment: refused }));
    expect(calls[2]).toBe('CompensateInventory');
    expect(types(facts)).toEqual(['PaymentFailed', 'CompensationStarted']);
  });

  test('what a call could not record is taken along by the next one, before what was decided since', () => {
    const failing = { CreateShipment: refused, RefundPayment: { ...refused, recorded: false } };
    const { facts } = drive(saga, order, script(failing));
    const decided = ['ShipmentFailed', 'CompensationStarted'];
    expect(types(facts)).toEqual([...decided, ...decided, 'CompensationFailed']);
  });
});

describe('every combination of outcomes', () => {
  const outcomes: Readonly<Record<string, Scripted>> = {
    done,
    refused,
    unknown,
    transient,
    cancelled: { ...done, interruption: 'cancelled' },
    timedOut: { ...done, interruption: 'timedOut' },
    refusedCancelled: { ...refused, interruption: 'cancelled' },
    unknownTimedOut: { ...unknown, interruption: 'timedOut' },
    overtaken,
  };
  const names = Object.keys(outcomes);
  const combinations = FORWARD.slice(0, 3).reduce<string[][]>(
    (rows) => rows.flatMap((row) => names.map((name) => [...row, name])),
    [[]],
  );

  test.each([
    ['done', done],
    ['refused', refused],
    ['unknown', unknown],
  ])(
    'S1, S4: what may have happened is undone in reverse, and the step that would have come next first, when undoing is %s',
    (_, undoing) => {
      for (const combination of combinations) {
        const byStep = Object.fromEntries(FORWARD.map((step, index) => [step, combination[index] ?? 'done']));
        const { calls, last } = drive(saga, order, (activity) => {
          const name = byStep[activity];
          if (name !== undefined) return outcomes[name] ?? done;
          return activity === 'CompleteOrder' ? done : undoing;
        });
        const forward = [...new Set(calls.filter((call) => FORWARD.includes(call)))];
        const undone = calls.filter((call) => Object.values(UNDO).includes(call));
        const isRefused = (step: string): boolean => (byStep[step] ?? '').startsWith('refused');
        const possiblyDone = forward.filter((step) => !isRefused(step));
        const next = FORWARD[possiblyDone.length] ?? '';
        const closed = next in UNDO && !(forward.includes(next) && isRefused(next)) ? [next] : [];
        const pivotDone = isPivotDone(byStep);
        const expected = pivotDone ? [] : [...possiblyDone, ...closed].map((step) => UNDO[step]).reverse();
        expect({ combination, undone }).toEqual({ combination, undone: expected });
        expect(last.progress.failure === null).toBe(pivotDone);
      }
    },
  );

  /** Whether every step up to the shipment was done in time to pass the pivot. */
  function isPivotDone(byStep: Readonly<Record<string, string>>): boolean {
    const shipped = ['done', 'cancelled', 'timedOut'].includes(byStep.CreateShipment ?? '');
    return byStep.ReserveInventory === 'done' && byStep.ProcessPayment === 'done' && shipped;
  }
});
