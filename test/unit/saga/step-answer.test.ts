// What the platform hands over as an activity's answer may be the answer to another call: results are matched by number only.
import fc from 'fast-check';
import type { StepInput, StepOutput } from '../../../src/saga/engine/definition';
import { runSaga } from '../../../src/saga/engine/interpreter';
import type { SagaRuntime, SagaTask } from '../../../src/saga/engine/saga-run';
import type { OrderResult, OrderSagaTypes } from '../../../src/saga/order/order-saga';
import { orderSaga, sagaInput } from '../../../src/saga/order/order-saga-versions';
import { answerOf } from '../../../src/saga/engine/step-answer';
import { evolve, type OrderHead } from '../../../src/domain/order';
import type { OrderEvent, OrderFact } from '../../../src/domain/order-events';
import { AT, facts, orderAfter, started } from '../../support/orders';

interface Types {
  readonly state: unknown;
  readonly fact: unknown;
  readonly event: { readonly sequence: number };
  readonly result: unknown;
}
const answer = (key: string, from: number, count: number): StepOutput<Types> => ({
  ...{ key, outcome: { kind: 'done', value: null }, recorded: [], etag: 'e', spentMs: 1 },
  events: Array.from({ length: count }, (_, index) => ({ sequence: from + index })),
  version: from + count - 1,
});

describe('the answer to a call', () => {
  test.each([undefined, null, 'done', 7, {}, { key: 'k' }, { ...answer('k', 3, 1), outcome: null }])(
    'S22: is not %j',
    (result) => {
      expect(answerOf(result, 'k', 2)).toBeUndefined();
    },
  );

  test('S22: names the key of the call', () => {
    expect(answerOf(answer('k', 3, 2), 'k', 2)).toEqual(answer('k', 3, 2));
    expect(answerOf(answer('another', 3, 2), 'k', 2)).toBeUndefined();
  });

  test('S22: follows on what the saga has seen, and brings nothing twice', () => {
    fc.assert(
      fc.property(
        fc.record({ seen: fc.nat(20), from: fc.integer({ min: 1, max: 20 }), count: fc.nat(10) }),
        ({ seen, from, count }) => {
          const read = answerOf<Types>(answer('k', from, count), 'k', seen);
          const reached = from + count - 1;
          if (from > seen + 1) expect(read).toBeUndefined();
          else {
            const fresh = Math.max(0, reached - seen);
            expect(read?.events.map(({ sequence }) => sequence)).toEqual(
              Array.from({ length: fresh }, (_, index) => seen + 1 + index),
            );
          }
        },
      ),
    );
  });
});

const RECORDS: Readonly<Record<string, OrderFact>> = {
  ReserveInventory: facts.stockReserved,
  ProcessPayment: facts.paymentProcessed,
  CreateShipment: facts.shipmentCreated,
  ConfirmInventory: facts.completed,
};

type Input = StepInput<OrderSagaTypes>;

/** Drives the order saga over activities that answer at once; `handedOver` may replace the answer to a call. */
function run(handedOver: (call: number, own: StepOutput<OrderSagaTypes>) => unknown): {
  readonly result: OrderResult;
  readonly calls: readonly Input[];
} {
  const order: OrderHead = orderAfter(started);
  const input = sagaInput(order, 'e', {
    ...{ sagaVersion: 1, workingTimeMs: 60_000, waitForOutages: true },
    compensationMaxAttempts: 1,
  });
  const calls: Input[] = [];
  const completed = (result: unknown): SagaTask => ({ isCompleted: true, isFaulted: false, result });
  const pending: SagaTask = { isCompleted: false, isFaulted: false };
  const runtime: SagaRuntime = {
    nowMs: () => Date.parse(AT),
    activity: (_name, asked) => {
      const call = asked as Input;
      calls.push(call);
      const { sequence, ...fact } = {
        ...(RECORDS[call.step] ?? facts.failed),
        sequence: call.state.version + 1,
      };
      const event = { ...fact, sequence, occurredAt: AT } as OrderEvent;
      const own = {
        ...answer(call.key, sequence, 0),
        events: [event],
        version: evolve(call.state, event).version,
      };
      return completed(handedOver(calls.length, own));
    },
    timer: () => ({ ...pending, cancel: () => undefined }),
    signal: () => pending,
    any: () => pending,
    setStatus: () => undefined,
  };
  const steps = runSaga(orderSaga(1, 1), runtime, input);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return { result: value, calls };
  }
}

const STEPS = ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'];

describe('a call that is answered with the answer to another', () => {
  test('S22: is made again under its key, and has used no attempt', () => {
    const { result, calls } = run((call, own) => (call === 2 ? { ...own, key: 'of another call' } : own));
    expect(result.finalStatus).toBe('completed');
    expect(calls.map(({ step }) => step)).toEqual(['ReserveInventory', 'ProcessPayment', ...STEPS.slice(1)]);
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1, 1]);
    expect(calls[2]?.key).toBe(calls[1]?.key);
  });

  test('S22: counts as one that the platform could not run when that happens without end', () => {
    let handed = 0;
    const { calls } = run((_, own) =>
      own.key.endsWith(':ProcessPayment') && handed++ < 10 ? undefined : own,
    );
    const payments = calls.filter(({ step }) => step === 'ProcessPayment');
    expect(payments.map(({ attempt }) => attempt)).toEqual([...Array<number>(10).fill(1), 2]);
    expect(payments.at(-1)?.lastError?.code).toBe('ACTIVITY_NOT_RUN');
  });

  test('S21: leaves the etag behind where its events are of a newer release, so that the next write reads first', () => {
    const screened = { type: 'CustomerScreened', data: {} };
    const { result, calls } = run((call, own) =>
      call === 1
        ? {
            ...own,
            etag: 'after what is unknown',
            events: [...own.events, { ...screened, sequence: own.version + 1, occurredAt: AT }],
            version: own.version + 1,
          }
        : own,
    );
    expect(result.finalStatus).toBe('completed');
    expect(calls[1]?.etag).toBe(calls[0]?.etag);
    expect(calls[1]?.state.version).toBe((calls[0]?.state.version ?? 0) + 2);
    expect(calls[1]?.state.saga.completedSteps).toEqual(['ReserveInventory']);
  });

  test('S22: takes facts along again that the answer does not say to be recorded', () => {
    const { calls } = run((_, own) => {
      if (own.key.endsWith(':CreateShipment'))
        return {
          ...own,
          events: [],
          version: own.version - 1,
          outcome: { kind: 'refused', detailCode: 'NO', reason: 'no' },
        };
      // A run that is forgotten refunded for another reason.
      return own.key.endsWith(':RefundPayment')
        ? { ...own, events: [], version: own.version - 1, recorded: ['other'] }
        : own;
    });
    const decided = ['ShipmentFailed', 'CompensationStarted'];
    const taken = (step: string) => calls.find((call) => call.step === step)?.facts.map(({ type }) => type);
    expect(taken('RefundPayment')).toEqual(decided);
    expect(taken('CompensateInventory')).toEqual(decided);
  });
});
