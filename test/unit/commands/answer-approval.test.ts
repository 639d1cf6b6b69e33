// Answers to the question of approval: one append counts, whoever sends it and however many at once.
import { anyTraceId } from '../../support/log-lines';
import fc from 'fast-check';
import { approvalTerms } from '../../../src/commands/approval-terms';
import type { OrderFact } from '../../../src/domain/order-events';
import { ABOVE_LIMIT, answerAs, APPROVE, REJECT } from '../../support/approvals';
import {
  done,
  happened,
  openCommandPorts as open,
  placed,
  QUIET_MS,
  reconcile,
} from '../../support/command-ports';
import { orderOf, typesOf } from '../../support/ended-orders';
import { facts } from '../../support/orders';

const requested: OrderFact = {
  type: 'ApprovalRequested',
  data: {
    ...{ step: 'ApproveOrder', attempts: 1, lastError: null, nextStep: 'CreateShipment' },
    ...{ limitMinor: 10_000, expiresAt: '2026-01-02T00:00:00.000Z' },
  },
};

/** An order above the limit of which `more` has happened since its payment. */
async function paid(...more: readonly OrderFact[]) {
  const app = open();
  const ports = { ...app.ports, approvals: ABOVE_LIMIT };
  const orderId = await placed({ ports });
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed, ...more);
  return { app, orderId };
}

test('S15: of two answers at once exactly one wins, and the other is told who answered what', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 5 }), async (answers) => {
      const { app, orderId } = await paid(requested);
      const given = await Promise.all(
        answers.map((approves, at) => answerAs(app.ports, orderId, `p${at}`, approves ? APPROVE : REJECT)),
      );
      const winners = given.flatMap(({ kind }, at) => (kind === 'accepted' ? [at] : []));
      expect(winners).toHaveLength(1);
      const [winner = -1] = winners;
      const answer = { kind: answers[winner] === true ? 'approved' : 'rejected', by: `p${winner}` };
      for (const [at, lost] of given.entries())
        if (at !== winner) expect(lost).toMatchObject({ kind: 'answered', answer });
      expect((await orderOf(app, orderId)).saga.approval?.answer).toMatchObject(answer);
    }),
    { numRuns: 25 },
  );
});

test('S15: the same answer again, also of the same person, is not the first', async () => {
  const { app, orderId } = await paid(requested);
  expect((await answerAs(app.ports, orderId, 'anna', APPROVE)).kind).toBe('accepted');
  expect(await answerAs(app.ports, orderId, 'anna', APPROVE)).toMatchObject({
    kind: 'answered',
    answer: { kind: 'approved', by: 'anna' },
  });
  expect(app.calls).toEqual(['start', 'approval']);
});

test('an order that nobody is asked about takes no answer', async () => {
  for (const { app, orderId } of [await paid(), await paid(requested, facts.cancelRequested)]) {
    const version = (await orderOf(app, orderId)).version;
    for (const answer of [APPROVE, REJECT])
      expect((await answerAs(app.ports, orderId, 'anna', answer)).kind).toBe('notAwaiting');
    expect((await orderOf(app, orderId)).version).toBe(version);
  }
  expect(await answerAs(open().ports, 'nobody', 'anna', APPROVE)).toEqual({ kind: 'notFound' });
});

test('S23: an order whose saga is lost is not approved; rejected, it is undone by the reconciler', async () => {
  const { app, orderId } = await paid(requested);
  await done(app, orderId, 'ProcessPayment');
  app.instances.set(orderId, { runtimeStatus: 'terminated', output: null });
  expect((await answerAs(app.ports, orderId, 'anna', APPROVE)).kind).toBe('sagaGone');
  expect((await answerAs(app.ports, orderId, 'anna', REJECT)).kind).toBe('accepted');
  app.pass(QUIET_MS + 1);
  expect(await reconcile(app)).toMatchObject({ repaired: 1 });
  expect(await orderOf(app, orderId)).toMatchObject({
    ...{ status: 'cancelled', failureCode: 'APPROVAL_REJECTED', failureReason: 'too much' },
    saga: { needsIntervention: false },
  });
  expect((await typesOf(app, orderId, 5)).slice(0, 2)).toEqual(['ApprovalRejected', 'CompensationStarted']);
});

test('a task hub that is away does not lose the answer', async () => {
  const { app, orderId } = await paid(requested);
  app.ports.sagas.find = () =>
    Promise.resolve({ runtimeStatus: 'running', customStatus: null, output: null });
  app.hub.away = true;
  expect((await answerAs(app.ports, orderId, 'anna', APPROVE)).kind).toBe('accepted');
  expect(app.lines.warn).toEqual([
    ['approval not signalled', { orderId, correlationId: 'corr-1', traceId: anyTraceId(), error: 'away' }],
  ]);
});

test('a total at the limit needs no person, one minor unit above it does', () => {
  const required = (totalMinor: number, currency = 'USD') =>
    approvalTerms(ABOVE_LIMIT, { currency, totalMinor }).approval?.required;
  expect([required(10_000), required(10_001), required(10_001, 'EUR')]).toEqual([false, true, undefined]);
});
