// Which version of its saga an order gets, and which hosts run it.
import { readFileSync } from 'node:fs';
import { compareVersions } from 'azure-local/durable/versioning';
import { headOf } from '../../../src/domain/order';
import { ConfigError, parseConfig } from '../../../src/parse-config';
import {
  hasVersion,
  instanceVersion,
  orderSaga,
  sagaInput,
  sagaVersions,
} from '../../../src/saga/order/order-saga-versions';
import { STEP_TABLES } from '../../../src/saga/order/step-tables';
import { orderAfter } from '../../support/orders';

const settings = { sagaVersion: 1, workingTimeMs: 1, waitForOutages: true, compensationMaxAttempts: 1 };

describe('the version of an order', () => {
  test('S12: is that of its SagaStarted, also when its orchestration is started by a later build', () => {
    const order = orderAfter({
      type: 'SagaStarted',
      data: { definitionVersion: 7, firstStep: 'ReserveInventory' },
    });
    expect(sagaInput(order, 'etag', settings)).toMatchObject({ definitionVersion: 7 });
  });

  test('S12: is that of the setting when it has not begun', () => {
    const input = sagaInput(orderAfter(), 'etag', { ...settings, sagaVersion: 3 });
    expect(input).toMatchObject({ definitionVersion: 3 });
    expect(input).not.toHaveProperty('sagaVersion');
  });

  test.each(Object.keys(STEP_TABLES).map(Number))(
    'S12: %d has a table with a pivot, with and without a shipment',
    (version) => {
      const saga = orderSaga(version, 1);
      expect(saga.started('X')).toMatchObject({ data: { definitionVersion: version } });
      for (const physicalCount of [0, 1]) {
        const order = { ...headOf(orderAfter()), physicalCount };
        const applying = saga.steps.filter(
          ({ invoke, when }) => when?.(order, { name: invoke.name, number: null }) ?? true,
        );
        const [first] = applying.filter(({ pivot }) => pivot === true);
        expect(first?.invoke.name).toBe(physicalCount === 0 ? 'ConfirmInventory' : 'CreateShipment');
      }
      expect(hasVersion(version)).toBe(true);
    },
  );

  test('S12: which this build does not have is refused, naming those it has and what to do', () => {
    expect(hasVersion(7)).toBe(false);
    expect(() => orderSaga(7, 1)).toThrow(
      /no version 7 of the order saga \(it has 1\).*Nothing was undone: deploy a build that has it/,
    );
  });
});

describe('S21: the setting SagaVersion', () => {
  const problemOf = (text: string): readonly string[] => {
    try {
      parseConfig({ OrderProcessing__SagaVersion: text });
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [];
    }
  };

  test('stops the start with a version that this release does not have, naming those it has', () => {
    const had = sagaVersions().join(', ');
    expect(problemOf('7')).toContain(
      `OrderProcessing:SagaVersion is "7" and must be a version of the saga that this release has: ${had}`,
    );
  });

  test.each(sagaVersions().map(String))('takes %s, which this release has', (version) => {
    expect(problemOf(version).filter((problem) => problem.includes('SagaVersion'))).toEqual([]);
  });
});

describe('S21: defaultVersion in host.json', () => {
  const hostJson = JSON.parse(readFileSync('host.json', 'utf8')) as {
    readonly extensions: { readonly durableTask: Readonly<Record<string, unknown>> };
    readonly extensionBundle: object;
  };

  test('is the newest version that has a table, and makes a host leave newer instances alone', () => {
    expect(hostJson.extensions.durableTask).toMatchObject({
      defaultVersion: instanceVersion(Math.max(...sagaVersions())),
      versionMatchStrategy: 'CurrentOrOlder',
      versionFailureStrategy: 'Reject',
    });
  });

  test('is known to the extension: the bundle is not older than its first release with versions', () => {
    expect(hostJson.extensionBundle).toMatchObject({ version: '[4.26.0, 5.0.0)' });
  });

  test('grows as the platform compares, also past nine', () => {
    expect(compareVersions(instanceVersion(10), instanceVersion(9))).toBe(1);
  });
});
