import type { OrderFact } from '../../src/domain/order-events';
import { orderSaga } from '../../src/saga/order-saga-versions';
import { drivePlan, type Scripted } from '../support/plan-driver';
import { orderAfter, started } from '../support/orders';

const saga = orderSaga(1, 1);
const order = orderAfter(started);

const done: Scripted = { outcome: { kind: 'done', value: null } };
const error = { code: 'E', message: 'it failed' };
const refused: Scripted = { outcome: { kind: 'refused', detailCode: 'NO', reason: 'no' } };
const unknown: Scripted = { outcome: { kind: 'unknown', cause: 'timeout', error } };
const transient: Scripted = { outcome: { kind: 'transient', outage: null, error } };
const away: Scripted = { outcome: { kind: 'transient', outage: 'service', error } };
const overtaken: Scripted = { outcome: { kind: 'overtaken' } };

const FORWARD = ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'];
const UNDO: Readonly<Record<string, string>> = {
  ReserveInventory: 'CompensateInventory',
  ProcessPayment: 'RefundPayment',
  CreateShipment: 'CancelShipment',
};

/** A script in which the named activities come to something else than done. */
const script =
  (exceptions: Readonly<Record<string, Scripted>>) =>
  (activity: string): Scripted =>
    exceptions[activity] ?? done;

const types = (facts: readonly OrderFact[]): string[] => facts.map(({ type }) => type);

describe('deciding the next step', () => {
  test('the happy path calls every step once and nothing else', () => {
    const { calls, last } = drivePlan(saga, orderAfter(started), script({ CompleteOrder: done }));
    expect(calls).toEqual([...FORWARD, 'CompleteOrder']);
    expect(last.progress.failure).toBeNull();
  });

  test('a saga whose last step ended the order makes no further call', () => {
    const ended = { ...order, ended: true };
    expect(drivePlan(saga, ended, script({})).calls).toEqual(FORWARD);
  });

  test('S1: a refused step is not compensated, the steps before it are, in reverse', () => {
    const { calls, facts } = drivePlan(saga, order, script({ CreateShipment: refused }));
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
    const { calls, facts } = drivePlan(saga, order, script({ ReserveInventory: refused }));
    expect(calls).toEqual(['ReserveInventory', 'CompleteOrder']);
    expect(types(facts)).toEqual(['StockReservationFailed']);
  });

  test('S3: a step nobody knows the outcome of is compensated too', () => {
    const { calls, last } = drivePlan(saga, order, script({ ProcessPayment: unknown }));
    expect(calls.slice(2)).toEqual(['RefundPayment', 'CompensateInventory', 'CompleteOrder']);
    expect(last.progress.failure).toMatchObject({ code: 'STEP_TIMED_OUT', detailCode: 'ProcessPayment' });
  });

  test('S11: a transient failure is tried three times with growing waits, then compensated', () => {
    const { calls, pausesMs, last } = drivePlan(saga, order, script({ ProcessPayment: transient }));
    expect(calls.filter((call) => call === 'ProcessPayment')).toHaveLength(3);
    expect(pausesMs).toEqual([1_000, 2_000]);
    expect(calls.slice(4)).toEqual(['RefundPayment', 'CompensateInventory', 'CompleteOrder']);
    expect(last.progress.failure).toMatchObject({
      ...{ code: 'PAYMENT_FAILED', detailCode: 'E', reason: 'it failed' },
    });
  });

  test('S11: an outage uses up no attempt and is waited for with capped backoff', () => {
    const { calls, pausesMs } = drivePlan(saga, order, (activity, attempt) =>
      activity === 'ProcessPayment' && attempt <= 20 ? away : done,
    );
    expect(calls.filter((call) => call === 'ProcessPayment')).toHaveLength(21);
    expect(Math.max(...pausesMs)).toBe(30_000);
    expect(calls).not.toContain('RefundPayment');
  });

  test('S7: a cancel during a backoff turns the saga round with the step counted as possibly done', () => {
    const { calls, last } = drivePlan(saga, order, script({ ProcessPayment: transient }), {
      interruptPause: 'cancelled',
    });
    expect(calls).toEqual([
      'ReserveInventory',
      'ProcessPayment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
    expect(last.progress.failure?.kind).toBe('cancelled');
  });

  test('S7: a shipment that met a cancel request is called back', () => {
    const { calls } = drivePlan(saga, order, script({ CreateShipment: overtaken }));
    expect(calls.slice(3)).toEqual([
      'CancelShipment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
  });

  test('S9: after the pivot nothing is undone, whatever interrupts', () => {
    const { calls } = drivePlan(saga, order, (activity, attempt) =>
      activity === 'ConfirmInventory' && attempt < 5 ? { ...unknown, interruption: 'cancelled' } : done,
    );
    expect(calls.filter((call) => call === 'ConfirmInventory')).toHaveLength(5);
    expect(calls.filter((call) => Object.values(UNDO).includes(call))).toEqual([]);
  });

  test('S9: a step after the pivot that cannot be done opens an intervention and is not undone', () => {
    const { calls, facts } = drivePlan(saga, order, script({ ConfirmInventory: refused }));
    expect(calls).toEqual([...FORWARD, 'CompleteOrder']);
    expect(types(facts)).toEqual(['InterventionOpened']);
  });

  test('S4: a failing compensation stops no other and is told once', () => {
    const { calls, facts } = drivePlan(
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
    const { calls, facts } = drivePlan(orderSaga(1, 3), order, (activity, attempt) => {
      if (activity === 'CreateShipment') return refused;
      return activity === 'RefundPayment' && attempt < 3 ? transient : done;
    });
    expect(calls.filter((call) => call === 'RefundPayment')).toHaveLength(3);
    expect(types(facts)).not.toContain('CompensationFailed');
  });

  test('S8: a saga timeout undoes even a step that was done in time', () => {
    const { calls, last } = drivePlan(
      saga,
      order,
      script({ ProcessPayment: { ...done, interruption: 'timedOut' } }),
    );
    expect(calls.slice(2)).toEqual(['RefundPayment', 'CompensateInventory', 'CompleteOrder']);
    expect(last.progress.failure?.code).toBe('SAGA_TIMED_OUT');
  });

  test('S7: a cancel during a call that failed for now is a cancel, and no failure of the step', () => {
    const { calls, facts, last } = drivePlan(
      saga,
      order,
      script({ ProcessPayment: { ...transient, interruption: 'cancelled' } }),
    );
    expect(calls.slice(1)).toEqual([
      'ProcessPayment',
      'RefundPayment',
      'CompensateInventory',
      'CompleteOrder',
    ]);
    expect(types(facts)).toEqual(['CompensationStarted']);
    expect(last.progress.failure?.kind).toBe('cancelled');
  });

  test('an ending that could not be written is tried again, and left to the reconciler after ten attempts', () => {
    const failing = { ReserveInventory: refused, CompleteOrder: transient };
    const { calls } = drivePlan(saga, order, script(failing));
    expect(calls.slice(1)).toEqual(Array<string>(10).fill('CompleteOrder'));
  });

  test('what was decided goes into the stream with the next call', () => {
    const { calls, facts } = drivePlan(saga, order, script({ ProcessPayment: refused }));
    expect(calls[2]).toBe('CompensateInventory');
    expect(types(facts)).toEqual(['PaymentFailed', 'CompensationStarted']);
  });

  test('what a call could not record is taken along by the next one, before what was decided since', () => {
    const failing = { CreateShipment: refused, RefundPayment: { ...refused, recorded: false } };
    const { facts } = drivePlan(saga, order, script(failing));
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
  ])('S1, S4: compensation is the reverse of the possibly done steps, when undoing is %s', (_, undoing) => {
    for (const combination of combinations) {
      const byStep = Object.fromEntries(FORWARD.map((step, index) => [step, combination[index] ?? 'done']));
      const { calls, last } = drivePlan(saga, order, (activity) => {
        const name = byStep[activity];
        return name === undefined
          ? activity === 'CompleteOrder'
            ? done
            : undoing
          : (outcomes[name] ?? done);
      });
      const forward = [...new Set(calls.filter((call) => FORWARD.includes(call)))];
      const undone = calls.filter((call) => Object.values(UNDO).includes(call));
      const pivotDone = isPivotDone(byStep);
      const possiblyDone = forward.filter((step) => !(byStep[step] ?? '').startsWith('refused'));
      const expected = pivotDone ? [] : possiblyDone.map((step) => UNDO[step]).reverse();
      expect({ combination, undone }).toEqual({ combination, undone: expected });
      expect(last.progress.failure === null).toBe(pivotDone);
    }
  });

  /** Whether every step up to the shipment was done in time to pass the pivot. */
  function isPivotDone(byStep: Readonly<Record<string, string>>): boolean {
    const shipped = ['done', 'cancelled', 'timedOut'].includes(byStep.CreateShipment ?? '');
    return byStep.ReserveInventory === 'done' && byStep.ProcessPayment === 'done' && shipped;
  }
});
