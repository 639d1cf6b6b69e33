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
];
