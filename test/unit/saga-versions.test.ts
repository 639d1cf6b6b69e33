// Which version of its saga an order gets.
import { hasVersion, orderSaga, sagaInput } from '../../src/saga/order-saga-versions';
import { CURRENT_VERSION, STEP_TABLES } from '../../src/saga/step-tables';
import { orderAfter } from '../support/orders';

const settings = { sagaVersion: 1, workingTimeMs: 1, waitForOutages: true, compensationMaxAttempts: 1 };

describe('the version of an order', () => {
  test('S12: is that of its SagaStarted, also when its orchestration is started by a later build', () => {
    const order = orderAfter({
      type: 'SagaStarted',
      data: { definitionVersion: 7, firstStep: 'ReserveInventory' },
    });
    expect(sagaInput(order, 'etag', settings)).toMatchObject({ definitionVersion: 7 });
  });

  test('S12: is the current one when it has not begun', () => {
    expect(sagaInput(orderAfter(), 'etag', settings)).toMatchObject({ definitionVersion: CURRENT_VERSION });
  });

  test.each(Object.keys(STEP_TABLES).map(Number))('S12: %d has a table with a pivot', (version) => {
    const saga = orderSaga(version, 1);
    expect(saga).toMatchObject({ version });
    expect(saga.steps.filter(({ pivot }) => pivot === true)).toHaveLength(1);
    expect(hasVersion(version)).toBe(true);
  });

  test('S12: which this build does not have is refused, naming those it has and what to do', () => {
    expect(hasVersion(7)).toBe(false);
    expect(() => orderSaga(7, 1)).toThrow(
      /no version 7 of the order saga \(it has 1\).*Nothing was undone: deploy a build that has it/,
    );
  });
});
