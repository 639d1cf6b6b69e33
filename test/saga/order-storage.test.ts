// What one order asks of the task hub's storage account on the happy path: docs/capacity.md is worked out from it.
import type { Moment, MomentName } from 'azure-local/durable/azure/moments';
import { countedOrder } from '../../tools/docs/capacity/counted-order';
import { cleanUp, openAzureEngine } from 'azure-local/testing/durable-harness';
import { createFakeServices } from '../support/fake-services';
import { createMemoryOrderStore } from '../support/memory-order-store';
import { registerSaga, sagaOn } from '../support/saga-harness';

const QUEUE_OPERATIONS: readonly MomentName[] = [
  ...(['startSent', 'controlMessagesTaken', 'messageSent', 'answerSent', 'activityTaken'] as const),
  ...(['controlMessageDeleted', 'activityDeleted'] as const),
];
const TABLE_OPERATIONS: readonly MomentName[] = ['instanceCreated', 'historyWritten', 'instanceUpdated'];

beforeAll(registerSaga);
afterEach(cleanUp);

test('an order is as many requests of queues and tables as are written down, and no other', async () => {
  const moments: Moment[] = [];
  const harness = await openAzureEngine({
    endsAt: (moment) => {
      moments.push(moment);
      return false;
    },
  });
  const saga = sagaOn(harness, { orders: createMemoryOrderStore(), services: createFakeServices() });
  const { order } = await saga.finish(await saga.place());
  expect(order.status).toBe('completed');
  const count = (...names: readonly MomentName[]): number =>
    moments.filter(({ name }) => names.includes(name)).length;
  expect({
    episodes: count('historyWritten'),
    controlMessages: count('startSent', 'answerSent'),
    workItems: count('messageSent'),
    queueOperations: count(...QUEUE_OPERATIONS),
    tableOperations: count(...TABLE_OPERATIONS),
  }).toEqual(countedOrder().taskHub);
  expect(moments).toHaveLength(count(...QUEUE_OPERATIONS, ...TABLE_OPERATIONS));
});
