// What the app asks of the task hub, on the durable engine.
import { createServer, type Server } from 'node:http';
import * as df from 'durable-functions';
import { createDurableSagaControl, ORCHESTRATOR_NAME } from '../../src/adapters/durable-saga-control';
import { createDurableSagaHistories } from '../../src/adapters/durable-saga-histories';
import { createTaskHub } from '../../src/adapters/task-hub';
import { headOf } from '../../src/domain/order';
import { durableClientBinding } from 'azure-local/durable/management-urls';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { cleanUp, HUB, openHub, type HubHarness } from 'azure-local/testing/durable-harness';
import { orderAfter } from '../support/orders';

beforeAll(() => {
  df.app.orchestration('sagaWaits', function* (context) {
    return (yield context.df.waitForExternalEvent('go')) as unknown;
  });
});

afterEach(cleanUp);

const hubAt = (origin: string) => createTaskHub(durableClientBinding(origin, HUB));

const settings = { sagaVersion: 1, workingTimeMs: 1, waitForOutages: true, compensationMaxAttempts: 1 };

async function waiting(harness: HubHarness, id: string): Promise<void> {
  await harness.start('sagaWaits', null, id);
  await harness.engine.idle();
}

test.each(['a & b=c', '100 % #1', 'rückgängig + "wieder"', '$& $1'])(
  'the task hub has the reason %j as the operator gave it',
  async (reason) => {
    const harness = await openHub();
    await waiting(harness, 'w-1');
    const sagas = createDurableSagaControl(hubAt(harness.origin), settings);
    await sagas.terminate('w-1', reason);
    await harness.engine.idle();
    expect(await sagas.find('w-1')).toMatchObject({ runtimeStatus: 'terminated', output: reason });
  },
);

test('S21: the instance of an order has the version of its table, whatever release starts it', async () => {
  const harness = await openHub({
    versioning: { defaultVersion: '3.0', matchStrategy: 'CurrentOrOlder', failureStrategy: 'Reject' },
  });
  df.app.orchestration(ORCHESTRATOR_NAME, function* (context) {
    context.df.setCustomStatus(context.df.version ?? null);
    yield context.df.waitForExternalEvent('go');
  });
  const sagas = createDurableSagaControl(hubAt(harness.origin), { ...settings, sagaVersion: 2 });
  const begun = orderAfter({
    type: 'SagaStarted',
    data: { definitionVersion: 1, firstStep: 'ReserveInventory' },
  });
  await sagas.start(headOf({ ...begun, orderId: 'begun' }), 'etag');
  await sagas.start(headOf({ ...orderAfter(), orderId: 'waits' }), 'etag');
  await harness.engine.idle();
  expect(await sagas.find('begun')).toMatchObject({ customStatus: '1.0' });
  expect(await sagas.find('waits')).toMatchObject({ customStatus: '2.0' });
});

describe('a history that the task hub tells in another form', () => {
  let server: Server;
  afterEach(() => server.close());

  test('stays where it is, and does not stand before those behind it', async () => {
    server = createServer((_, response) => response.end('{"name":"x","runtimeStatus":"Completed"}'));
    const port = await listenOnLoopback(server, 0, 'task hub', '--port');
    const origin = `http://127.0.0.1:${port}`;
    const histories = createDurableSagaHistories(hubAt(origin));
    expect(await histories.find('o-1')).toMatchObject({
      kind: 'unfit',
      why: expect.stringContaining('historyEvents') as string,
    });
  });
});
