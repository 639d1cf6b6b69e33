// S18: what the API tells as allowed is what the acts accept, for orders in every state and instances in every status.
import { answerApproval } from '../../../src/commands/answer-approval';
import { cancelOrder } from '../../../src/commands/cancel-order';
import { ORDER_ACTIONS, orderActions, type OrderAction } from '../../../src/commands/order-actions';
import type { OrderFact } from '../../../src/domain/order-events';
import { findSaga } from '../../../src/commands/saga-status';
import { orderActionsFor, ORDER_ACTION_ACCESS } from '../../../src/functions/allowed-for';
import { ROUTES, type RouteName } from '../../../src/functions/routes/routes';
import type { Caller } from '../../../src/identity/caller';
import { compensateOrder } from '../../../src/operations/compensate-order';
import { controlSaga } from '../../../src/operations/control-saga';
import { INTERVENTION_ACTIONS, interventionActions } from '../../../src/operations/intervention-actions';
import {
  claimIntervention,
  releaseIntervention,
  resolveIntervention,
  retryIntervention,
} from '../../../src/operations/interventions';
import { repairNow } from '../../../src/operations/stuck-orders';
import type { SagaRuntimeStatus } from '../../../src/ports/saga-control';
import { happened, openCommandPorts, placed } from '../../support/command-ports';
import { facts, SCOPE } from '../../support/orders';

type App = ReturnType<typeof openCommandPorts>;

const ANN = 'operator:ann';
const lost: OrderFact = {
  type: 'InterventionOpened',
  data: {
    ...{ step: 'CreateShipment', attempts: 1, lastError: null, code: 'SAGA_LOST' },
    ...{ detailCode: 'LOST', reason: 'lost' },
  },
};
const charged = [facts.stockReserved, facts.paymentProcessed];
const shipped = [...charged, facts.shipmentCreated];
const refundFailed: OrderFact = {
  type: 'CompensationFailed',
  data: {
    ...{ step: 'RefundPayment', undoes: 'ProcessPayment', attempts: 1, lastError: null },
    ...{ reason: 'refused', transactionId: 'txn_1' },
  },
};
const asked: OrderFact = {
  type: 'ApprovalRequested',
  data: {
    ...{ step: 'ApproveOrder', attempts: 1, lastError: null, limitMinor: 1_000, nextStep: 'CreateShipment' },
    expiresAt: '2099-01-01T00:00:00.000Z',
  },
};

const STATES: Readonly<Record<string, readonly OrderFact[]>> = {
  new: [],
  charged,
  'awaiting approval': [...charged, asked],
  'being cancelled': [...charged, facts.cancelRequested],
  'lost, and an operator was asked': [...charged, lost],
  'going back': [...charged, facts.compensationStarted],
  shipped,
  completed: [...shipped, facts.stockConfirmed, facts.completed],
  failed: [facts.stockReserved, facts.compensationStarted, facts.stockReleased, facts.failed],
  'failed with a refund that failed': [
    ...[...charged, facts.compensationStarted, refundFailed, facts.stockReleased, facts.failed],
  ],
};
const INSTANCES = ['running', 'pending', 'suspended', 'completed', 'failed', 'terminated', 'none'] as const;

const cases = Object.keys(STATES).flatMap((state) => INSTANCES.map((instance) => [state, instance] as const));

async function open(
  state: string,
  instance: SagaRuntimeStatus | 'none',
): Promise<{ app: App; orderId: string }> {
  const app = openCommandPorts();
  if (state === 'awaiting approval')
    Object.assign(app.ports, {
      approvals: { limitsMinor: { USD: 1 }, timeoutMs: 3_600_000, whenUnanswered: 'reject' },
    });
  const orderId = await placed(app);
  for (const fact of STATES[state] ?? []) await happened(app, orderId, fact);
  if (instance === 'none') app.instances.delete(orderId);
  else app.instances.set(orderId, { runtimeStatus: instance, output: null });
  return { app, orderId };
}

const ACT: Readonly<Record<OrderAction, (app: App, orderId: string) => Promise<{ readonly kind: string }>>> =
  {
    cancel: ({ ports }, orderId) =>
      cancelOrder(ports, { scope: SCOPE, orderId, requestedBy: ANN, reason: null }),
    approve: ({ ports }, orderId) =>
      answerApproval(ports, {
        scope: SCOPE,
        orderId,
        answeredBy: ANN,
        answer: { kind: 'approve', reason: null },
      }),
    reject: ({ ports }, orderId) =>
      answerApproval(ports, {
        scope: SCOPE,
        orderId,
        answeredBy: ANN,
        answer: { kind: 'reject', reason: 'no' },
      }),
    suspend: (app, orderId) => control(app, orderId, 'suspend'),
    resume: (app, orderId) => control(app, orderId, 'resume'),
    terminate: (app, orderId) => control(app, orderId, 'terminate'),
    compensate: ({ ports }, orderId) =>
      compensateOrder(ports, { scope: SCOPE, orderId, operator: ANN, reason: 'because' }),
    repair: ({ ports }, orderId) =>
      repairNow(ports, { scope: SCOPE, orderId, operator: ANN, reason: 'because' }),
  };

function control({ ports }: App, orderId: string, action: 'suspend' | 'resume' | 'terminate') {
  return controlSaga(ports, { scope: SCOPE, orderId, action, operator: ANN, reason: 'because' });
}

test.each(cases)(
  'of an order that is %s, with an instance that is %s, exactly what is allowed is accepted',
  async (state, instance) => {
    for (const action of ORDER_ACTIONS) {
      const { app, orderId } = await open(state, instance);
      const stored = await app.orders.read(SCOPE, orderId);
      if (stored === undefined) throw new Error('not placed');
      const told = orderActions(stored.order, await findSaga(app.ports.sagas, stored.order));
      const says = told.find((one) => one.action === action);
      const { kind } = await ACT[action](app, orderId);
      expect([action, says?.allowed]).toEqual([action, kind === 'accepted' || kind === 'done']);
      expect([action, says?.why === null]).toEqual([action, says?.allowed]);
    }
  },
);

const INTERVENTION_ACT = {
  claim: claimIntervention,
  release: releaseIntervention,
  retry: retryIntervention,
  resolve: resolveIntervention,
} as const;

test.each(
  ['lost, and an operator was asked', 'failed with a refund that failed'].flatMap((state) =>
    ['nobody', ANN, 'operator:bob'].map((holder) => [state, holder] as const),
  ),
)(
  'of an intervention of an order that is %s, claimed by %s, exactly what is allowed is accepted',
  async (state, holder) => {
    for (const action of INTERVENTION_ACTIONS) {
      const { app, orderId } = await open(state, 'terminated');
      const request = { scope: SCOPE, orderId, number: 1, reason: 'because' };
      if (holder !== 'nobody') await claimIntervention(app.ports, { ...request, operator: holder });
      const order = (await app.orders.read(SCOPE, orderId))?.order;
      const [intervention] = order?.saga.interventions ?? [];
      if (order === undefined || intervention === undefined) throw new Error('no intervention');
      const saga = await findSaga(app.ports.sagas, order);
      const told = interventionActions({ order, intervention, operator: ANN, saga });
      const says = told.find((one) => one.action === action);
      if (action === 'compensate') {
        expect(says?.allowed).toBe(state.startsWith('lost') && holder !== 'operator:bob');
        continue;
      }
      const { kind } = await INTERVENTION_ACT[action](app.ports, { ...request, operator: ANN });
      expect([action, says?.allowed]).toEqual([action, kind === 'accepted']);
    }
  },
);

test('what the roles of a caller do not let them do is not allowed to them, as the route table says', async () => {
  const { app, orderId } = await open('charged', 'running');
  const order = (await app.orders.read(SCOPE, orderId))?.order;
  if (order === undefined) throw new Error('not placed');
  const saga = await findSaga(app.ports.sagas, order);
  const caller: Caller = {
    tenantId: 'default',
    kind: 'user',
    name: 'cora',
    customerId: 'cust-1',
    roles: ['customer'],
  };
  const allowedTo = (roles: Caller['roles']): string[] =>
    orderActionsFor({ ...caller, roles }, order, saga).flatMap(({ action, allowed }) =>
      allowed ? [action] : [],
    );
  expect(allowedTo(['customer'])).toEqual(['cancel']);
  expect(allowedTo(['reader'])).toEqual([]);
  expect(allowedTo(['operator'])).toEqual(['cancel', 'suspend', 'terminate', 'repair']);
  const names: Readonly<Record<OrderAction, RouteName>> = {
    ...{ cancel: 'CancelOrder', approve: 'GiveApproval', reject: 'RefuseApproval', suspend: 'SuspendSaga' },
    ...{
      resume: 'ResumeSaga',
      terminate: 'TerminateSaga',
      compensate: 'CompensateOrder',
      repair: 'RepairOrder',
    },
  };
  for (const action of ORDER_ACTIONS) expect(ORDER_ACTION_ACCESS[action]).toBe(ROUTES[names[action]].caller);
});
