// Peer on DBOS: workflows in this process, their checkpoints in the same PostgreSQL as the orders.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { createCaller, startAround } from './app.mjs';
import { fulfil } from './saga.mjs';
import { openStore } from './store.mjs';

const { POSTGRES_URL, SERVICES_URL } = process.env;
const RETRIES = { retriesAllowed: true, maxAttempts: 10, intervalSeconds: 0.2, backoffRate: 2 };

const store = await openStore(POSTGRES_URL);
const call = createCaller(SERVICES_URL);
const run = (name, step) => DBOS.runStep(step, { name, ...RETRIES });
const workflow = DBOS.registerWorkflow((order) => fulfil(order, run, { call, append: store.append }), {
  name: 'fulfil',
});
const startSaga = (order) => DBOS.startWorkflow(workflow, { workflowID: order.orderId })(order);
const resume = async (order) => (await DBOS.retrieveWorkflow(order.orderId).getStatus()) ?? startSaga(order);

DBOS.setConfig({
  name: 'orders',
  systemDatabaseUrl: POSTGRES_URL,
  systemDatabasePoolSize: 20,
  logLevel: 'warn',
});
await DBOS.launch();
await startAround(store, call, startSaga, resume);
