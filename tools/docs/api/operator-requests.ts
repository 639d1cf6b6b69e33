// Requests of test.http about returns, about what can be watched, and for operators.
import type { RouteName } from '../../../src/functions/routes/routes';
import { idOf, LAMPS, type HttpFileRequest } from './http-request';

/** Without the operator token, so that sending them does nothing. */
const forOperators = (
  route: RouteName,
  title: string,
  params: Readonly<Record<string, string>>,
  body?: unknown,
): HttpFileRequest => ({
  title: `${title}: for operators`,
  expect: '401 CALLER_UNKNOWN',
  route,
  params,
  ...(body === undefined ? {} : { body }),
});

const INTERVENTION_ACTS: readonly (readonly [RouteName, string])[] = [
  ['ClaimIntervention', 'Take an intervention on'],
  ['ReleaseIntervention', 'Make it anybody’s again'],
  ['RetryIntervention', 'Try again what failed'],
  ['ResolveIntervention', 'Close it by a note'],
];

export const OPERATIONS: readonly HttpFileRequest[] = [
  forOperators(
    'ReplayEvents',
    'Feed events to the read models once more',
    {},
    { type: 'OrderFailed', dryRun: true },
  ),
  forOperators('RebuildProjection', 'Build a read model anew', { name: 'customer-orders' }),
  forOperators('SuspendSaga', 'Stop a saga from going on', idOf('placed'), { reason: 'a recall' }),
  forOperators('ResumeSaga', 'Let it go on', idOf('placed'), { reason: 'the recall is over' }),
  forOperators('TerminateSaga', 'End it where it stands, with nothing compensated', idOf('placed'), {
    reason: 'settled by hand',
  }),
  forOperators('GiveApproval', 'Approve an order above the limit', idOf('placed'), {
    reason: 'a known customer',
  }),
  forOperators('RefuseApproval', 'Reject an order above the limit', idOf('placed'), {
    reason: 'over the budget of the customer',
  }),
  forOperators('CompensateOrder', 'Undo an order that nothing carries on any more', idOf('placed'), {
    reason: 'its saga is lost',
  }),
  forOperators('RepairOrder', 'Look after an order that makes no progress', idOf('placed'), {
    reason: 'it hangs',
  }),
];

/** After an order that is completed. */
export const RETURNS: readonly HttpFileRequest[] = [
  {
    title: 'Return one lamp of it',
    name: 'returned',
    expect: '202',
    route: 'RequestReturn',
    params: idOf('kept'),
    body: { items: [{ productId: LAMPS.productId, quantity: 1 }], reason: 'does not fit' },
  },
  {
    title: 'The return',
    expect: '200',
    route: 'GetReturn',
    params: { ...idOf('kept'), number: '1' },
  },
  {
    title: 'Return more than was bought',
    expect: '422 RETURN_EXCEEDS_ORDER',
    route: 'RequestReturn',
    params: idOf('kept'),
    body: { items: [{ productId: LAMPS.productId, quantity: 9 }], reason: 'all of them' },
  },
  {
    title: 'Return what was never sent',
    expect: '409 CANNOT_RETURN',
    route: 'RequestReturn',
    params: idOf('later'),
    body: { items: [{ productId: LAMPS.productId, quantity: 1 }], reason: 'too early' },
  },
  {
    title: 'Keep it after all',
    expect: '202',
    route: 'CancelReturn',
    params: { ...idOf('kept'), number: '1' },
  },
  forOperators('ReceiveReturn', 'Its parcel has come', { ...idOf('kept'), number: '1' }),
  forOperators(
    'RecordInspection',
    'What was in it',
    { ...idOf('kept'), number: '1' },
    { items: [{ productId: LAMPS.productId, accepted: 1, damaged: 0 }] },
  ),
  forOperators(
    'RetryReturn',
    'Try its refund again',
    { ...idOf('kept'), number: '1' },
    { reason: 'the bank is back' },
  ),
];

export const WATCHING: readonly HttpFileRequest[] = [
  {
    title: 'What happened when, with durations',
    expect: '200',
    route: 'GetOrderTimeline',
    params: idOf('kept'),
  },
  { title: 'Its trace, span by span', expect: '200', route: 'GetOrderTrace', params: idOf('kept') },
  {
    title: 'Its events as they happen',
    expect: '200',
    route: 'WatchOrder',
    params: idOf('kept'),
    query: '?wait=1',
  },
  { title: 'The metrics of this instance', expect: '200', route: 'GetMetrics' },
  { title: 'How many orders each preset of that list shows', expect: '200', route: 'CountOrders' },
  { title: 'Whose an id is', expect: '200', route: 'FindOrders', query: '?id=cust-1' },
  { title: 'The orders of all customers', expect: '200', route: 'ListOrders', query: '?show=inFlight' },
  {
    title: 'Sagas that run, and how many of each kind',
    expect: '200',
    route: 'ListSagas',
    query: '?status=running',
  },
  { title: 'What became of the orders', expect: '200', route: 'GetStatistics' },
  { title: 'What a person has to settle', expect: '200', route: 'ListInterventions' },
  { title: 'Orders that wait for an approval', expect: '200', route: 'ListApprovals' },
  { title: 'Returns under way', expect: '200', route: 'ListReturns' },
  { title: 'Orders that make no progress', expect: '200', route: 'ListStuckOrders' },
  ...INTERVENTION_ACTS.map(([route, title]) =>
    forOperators(
      route,
      title,
      { interventionId: '68ce41fc-a5da-5691-b304-4b5182767aee.1' },
      { reason: 'I look into it' },
    ),
  ),
  forOperators('GetIntake', 'Whether orders are taken', {}),
  forOperators('PauseIntake', 'Take no orders', {}, { reason: 'the warehouse moves' }),
  forOperators('ResumeIntake', 'Take orders again', {}, { reason: 'the warehouse has moved' }),
  forOperators('WatchOrders', 'The events of all orders as they happen', {}),
  forOperators('ListDeadLetters', 'What the queue has given up', {}),
  forOperators('GroupDeadLetters', 'The same by cause', {}),
  forOperators(
    'RedriveDeadLetters',
    'Send it back to the queue',
    {},
    { all: true, reason: 'mended', dryRun: true },
  ),
  forOperators('ListOperatorActs', 'What operators have done', {}),
  forOperators(
    'StartBulk',
    'Count the orders that a filter selects',
    {},
    { act: 'cancel', filter: { show: 'inFlight' }, reason: 'a recall', dryRun: true },
  ),
  forOperators('ListBulk', 'What was done to many orders at once', {}),
  forOperators('GetBulk', 'How far it is', { id: 'a-bulk-operation' }),
  forOperators('StopBulk', 'Stop it', { id: 'a-bulk-operation' }, { reason: 'the wrong filter' }),
  { title: 'Who asks', expect: '200', route: 'GetCaller' },
  forOperators('GetPlayground', 'What the simulated services have done', {}),
  forOperators('PlanFaults', 'Mend the simulated services', {}, { faults: [] }),
  forOperators('KillProcess', 'Kill the host', {}, { what: 'host' }),
  forOperators('ListParked', 'Events that could not be processed', {}),
  {
    title: 'What is held on a customer',
    expect: '200',
    route: 'GetPersonalData',
    params: { customerId: 'cust-http' },
  },
  {
    title: 'Erase what is held on a customer of whom nothing is held',
    expect: '200',
    route: 'ErasePersonalData',
    params: { customerId: 'cust-unknown' },
  },
  forOperators('ListErasures', 'What was erased', {}),
  forOperators('ApplyErasures', 'Erase it in a restored backup too', {}, { erasures: [] }),
  forOperators('RotateKeys', 'A new key of the tenant', {}),
];
