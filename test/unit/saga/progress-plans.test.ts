// Steps that the order saga's table does not have: ones that apply to some orders only, and ones that wait for a person.
import type { StepOutcome } from '../../../src/saga/engine/definition';
import { drivePlan, type Driven, type Scripted } from '../../support/plan-driver';

const done: Scripted = { outcome: { kind: 'done', value: null } };
const refused: Scripted = { outcome: { kind: 'refused', detailCode: 'NO', reason: 'no' } };

describe('a plan', () => {
  interface Cart {
    readonly coupon: boolean;
    readonly done: readonly string[];
  }
  interface Types {
    readonly state: Cart;
    readonly fact: string;
    readonly event: { readonly sequence: number };
    readonly result: null;
  }
  const cart = (coupon: boolean): Cart => ({ coupon, done: [] });
  const call = (name: string): { name: string; payload: () => object } => ({ name, payload: () => ({}) });
  const row = {
    retry: { maxAttempts: 3, firstDelayMs: 1, factor: 1, maxDelayMs: 1 },
    timeoutMs: 1,
    failureCode: 'X',
  };
  const failed = (): string => 'failed';
  const plan = {
    steps: [
      {
        ...row,
        invoke: call('Coupon'),
        compensate: call('CancelCoupon'),
        failed,
        when: ({ coupon }: Cart) => coupon,
      },
      { ...row, invoke: call('Approve'), failed },
      { ...row, invoke: call('Ship'), pivot: true as const, failed },
    ],
    end: call('End'),
    compensationRetry: row.retry,
    compensationStarted: () => 'started',
    compensationFailed: () => 'given up',
    isEnded: ({ done }: Cart) => done.includes('End'),
    doneEntries: ({ done }: Cart) => done,
    passedEntries: () => [],
    failedEntry: () => null,
    lastErrorOf: () => null,
    undoneEntries: () => [],
    goesBack: () => null,
    cancelRequested: () => false,
  };
  /** Drives the plan, and keeps what was done. */
  const drive = (
    driven: typeof plan,
    first: Cart,
    script: (activity: string, attempt: number) => Scripted,
  ): Driven<Types> =>
    drivePlan<Types>(driven, first, script, {
      after: ({ coupon, done }, activity, { outcome }) => ({
        coupon,
        done: outcome.kind === 'done' ? [...done, activity] : done,
      }),
    });
  const waiting: StepOutcome = { kind: 'waiting', signal: 'approval', untilMs: 1_000 };

  test('a step that does not apply is left out', () => {
    expect(drive(plan, cart(false), () => done).calls).toEqual(['Approve', 'Ship', 'End']);
  });

  test('S8: a step that waits for a person is called again with the answer', () => {
    let asked = 0;
    const { calls, last } = drive(plan, cart(true), (activity) =>
      activity === 'Approve' && asked++ === 0 ? { outcome: waiting } : done,
    );
    expect(calls).toEqual(['Coupon', 'Approve', 'Approve', 'Ship', 'End']);
    expect(last.progress.failure).toBeNull();
  });

  test('S8: the attempts of a step that has waited are counted anew', () => {
    const attempts: number[] = [];
    drive(plan, cart(false), (activity, attempt) => {
      if (activity !== 'Approve') return done;
      return attempts.push(attempt) === 1 ? { outcome: waiting } : done;
    });
    expect(attempts).toEqual([1, 1]);
  });

  test('S9: a step after the pivot may wait for a person too', () => {
    const handOver = { ...row, invoke: call('HandOver'), failed };
    let asked = 0;
    const { calls, pausesMs, last } = drive(
      { ...plan, steps: [...plan.steps, handOver] },
      cart(false),
      (activity) => (activity === 'HandOver' && asked++ === 0 ? { outcome: waiting } : done),
    );
    expect(calls).toEqual(['Approve', 'Ship', 'HandOver', 'HandOver', 'End']);
    expect(pausesMs).toEqual([]);
    expect(last.progress.failure).toBeNull();
  });

  test('a step that is turned down takes the steps before it back', () => {
    const { calls } = drive(plan, cart(true), (activity) => (activity === 'Approve' ? refused : done));
    expect(calls).toEqual(['Coupon', 'Approve', 'CancelCoupon', 'End']);
  });
});
