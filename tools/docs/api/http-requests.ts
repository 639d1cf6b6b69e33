// The requests of test.http, in the order in which they are sent: later ones name the answers of earlier ones.
import { anOrderBody } from '../../../src/functions/routes/order-examples';
import type { RouteName } from '../../../src/functions/routes/routes';

export type HttpFileRequest = {
  readonly title: string;
  /** Under which later requests know its answer. */
  readonly name?: string;
  /** The status, and of a problem the code. */
  readonly expect: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or a text that is none. */
  readonly body?: unknown;
} & (
  | {
      readonly route: RouteName;
      readonly params?: Readonly<Record<string, string>>;
      readonly query?: string;
      /** `v1/`; the newest unless given. */
      readonly version?: string;
    }
  | { readonly method: string; readonly url: string }
);

const LAMPS = { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 };
const { full } = anOrderBody;
const orderOf = (customerId: string, more: object = {}): object => ({ customerId, items: [LAMPS], ...more });

const idOf = (name: string): { readonly id: string } => ({ id: `{{${name}.response.body.$.id}}` });
const NO_ORDER = { id: '00000000-0000-0000-0000-000000000000' };
const FIRST_KEY = { 'Idempotency-Key': 'test-http-1' };

const ORDERS: readonly HttpFileRequest[] = [
  { title: 'Can orders be taken?', expect: '200', route: 'GetHealth' },
  {
    title: 'Place an order',
    name: 'placed',
    expect: '202',
    route: 'CreateOrder',
    headers: { 'X-Correlation-Id': 'test-http' },
    body: {
      customerId: 'cust-http',
      currency: 'USD',
      items: full.items,
      shippingAddress: full.shippingAddress,
    },
  },
  { title: 'The order', expect: '200', route: 'GetOrderById', params: idOf('placed') },
  {
    title: 'The same by the version of the API',
    expect: '200',
    route: 'GetOrderById',
    params: idOf('placed'),
    version: 'v1/',
  },
  { title: 'How far its saga is', expect: '200', route: 'GetOrderSaga', params: idOf('placed') },
  { title: 'Its events', expect: '200', route: 'GetOrderEvents', params: idOf('placed') },
  {
    title: 'The newest orders of a customer',
    expect: '200',
    route: 'GetOrdersByCustomer',
    params: { customerId: 'cust-http' },
    query: '?limit=5&from=2026-01-01T00:00:00Z',
  },
  {
    title: 'Place an order under a key and wait for its end',
    name: 'kept',
    expect: '200',
    route: 'CreateOrder',
    query: '?wait=20',
    headers: FIRST_KEY,
    body: orderOf('cust-http'),
  },
  {
    title: 'The same key and body again: the same order',
    expect: '200',
    route: 'CreateOrder',
    headers: FIRST_KEY,
    body: orderOf('cust-http'),
  },
  {
    title: 'The same key with another body',
    expect: '422 IDEMPOTENCY_KEY_REUSED',
    route: 'CreateOrder',
    headers: FIRST_KEY,
    body: orderOf('cust-http', { items: [{ ...LAMPS, quantity: 3 }] }),
  },
  {
    title: 'A card that is declined: the reservation is released, the order ends failed',
    expect: '200',
    route: 'CreateOrder',
    query: '?wait=20',
    body: orderOf('declined-http'),
  },
  {
    title: 'An order for later',
    name: 'later',
    expect: '202',
    route: 'CreateOrder',
    body: orderOf('cust-http', { notBefore: '2999-01-01T00:00:00Z' }),
  },
  { title: 'Cancel it', expect: '202', route: 'CancelOrder', params: idOf('later') },
  {
    title: 'Cancel an order that is shipped',
    expect: '409 CANNOT_CANCEL',
    route: 'CancelOrder',
    params: idOf('kept'),
  },
  {
    title: 'Cancel an order that is not there',
    expect: '404 NOT_FOUND',
    route: 'CancelOrder',
    params: NO_ORDER,
  },
  { title: 'An order that is not there', expect: '404 NOT_FOUND', route: 'GetOrderById', params: NO_ORDER },
  {
    title: 'A tenant that does not exist',
    expect: '400 TENANT_UNKNOWN',
    route: 'GetOrderById',
    params: idOf('placed'),
    headers: { 'X-Tenant-Id': 'no-tenant' },
  },
  {
    title: 'A body that is not JSON',
    expect: '400 MALFORMED_JSON',
    route: 'CreateOrder',
    body: '{ "customerId": "cust-http", "items": [',
  },
  {
    title: 'A body of another type',
    expect: '415 UNSUPPORTED_MEDIA_TYPE',
    route: 'CreateOrder',
    headers: { 'Content-Type': 'text/plain' },
    body: 'two desk lamps, please',
  },
  {
    title: 'Everything that is wrong is named at once',
    expect: '400 VALIDATION_FAILED',
    route: 'CreateOrder',
    body: orderOf('cust-http', { colour: 'red', items: [{ ...LAMPS, quantity: 0, unitPrice: 49.999 }] }),
  },
  {
    title: 'A list parameter that is wrong',
    expect: '400 VALIDATION_FAILED',
    route: 'GetOrdersByCustomer',
    params: { customerId: 'cust-http' },
    query: '?limit=1000',
  },
];

const SERVICES: readonly HttpFileRequest[] = [
  {
    title: 'Simulated services: the payment service is away for two calls of one customer',
    expect: '200',
    method: 'PUT',
    url: '{{services}}/control/faults',
    body: [{ service: 'payments', operation: 'charge', customerId: 'cust-unlucky', fault: 'down', times: 2 }],
  },
  {
    title: 'A fault plan that is wrong',
    expect: '400 INVALID_FAULTS',
    method: 'PUT',
    url: '{{services}}/control/faults',
    body: [{ service: 'payments', operation: 'ship', fault: 'down' }],
  },
  { title: 'The fault plan in force', expect: '200', method: 'GET', url: '{{services}}/control/faults' },
  { title: 'No faults any more', expect: '200', method: 'DELETE', url: '{{services}}/control/faults' },
  {
    title: 'What the services did for an order',
    expect: '200',
    method: 'GET',
    url: `{{services}}/control/ledger?orderId=${idOf('kept').id}`,
  },
  { title: 'Sums over all orders', expect: '200', method: 'GET', url: '{{services}}/control/summary' },
  {
    title: 'What the services were asked for an order',
    expect: '200',
    method: 'GET',
    url: `{{services}}/control/requests?orderId=${idOf('kept').id}`,
  },
  {
    title: 'Set the stock of a product',
    expect: '200',
    method: 'PUT',
    url: '{{services}}/control/stock/prod-scarce',
    body: { onHand: 5 },
  },
  {
    title: 'The stock of a product',
    expect: '200',
    method: 'GET',
    url: '{{services}}/control/stock/prod-scarce',
  },
];

const READS: readonly HttpFileRequest[] = [
  {
    title: 'The order as it was at a moment',
    expect: '200',
    route: 'GetOrderById',
    params: idOf('placed'),
    query: '?asOf={{placed.response.body.$.createdAt}}',
  },
  {
    title: 'Before it was there',
    expect: '404 NOT_FOUND',
    route: 'GetOrderById',
    params: idOf('placed'),
    query: '?asOf=2020-01-01T00:00:00Z',
  },
  {
    title: 'Its first two events',
    expect: '200',
    route: 'GetOrderEvents',
    params: idOf('placed'),
    query: '?limit=2',
  },
  {
    title: 'What an event of a type looks like, version by version',
    expect: '200',
    route: 'GetEventSchemas',
    params: { type: 'OrderFailed' },
  },
  {
    title: 'A type that is none',
    expect: '404 NOT_FOUND',
    route: 'GetEventSchemas',
    params: { type: 'OrderEaten' },
  },
  { title: 'Orders day by day', expect: '200', route: 'GetDailyAnalytics' },
  {
    title: 'A day that is none',
    expect: '400 VALIDATION_FAILED',
    route: 'GetDailyAnalytics',
    query: '?from=yesterday',
  },
  { title: 'This API as an OpenAPI document', expect: '200', route: 'GetOpenApiDocument' },
  {
    title: 'A version of the API that was removed',
    expect: '410 API_VERSION_REMOVED',
    route: 'GetHealth',
    version: 'v0/',
  },
  {
    title: 'A version of the API that there never was',
    expect: '404 API_VERSION_UNKNOWN',
    route: 'GetHealth',
    version: 'v99/',
  },
];

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

const OPERATIONS: readonly HttpFileRequest[] = [
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
const RETURNS: readonly HttpFileRequest[] = [
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

const WATCHING: readonly HttpFileRequest[] = [
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

export const HTTP_REQUESTS: readonly HttpFileRequest[] = [
  ...ORDERS,
  ...SERVICES,
  ...READS,
  ...RETURNS,
  ...WATCHING,
  ...OPERATIONS,
];
