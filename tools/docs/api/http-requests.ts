// The requests of test.http, in the order in which they are sent: later ones name the answers of earlier ones.
import { RETURNS, WATCHING, OPERATIONS } from './operator-requests';
import { anOrderBody } from '../../../src/functions/routes/order-examples';
import { idOf, LAMPS, type HttpFileRequest } from './http-request';

const { full } = anOrderBody;
const orderOf = (customerId: string, more: object = {}): object => ({ customerId, items: [LAMPS], ...more });

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
      contact: full.contact,
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

export const HTTP_REQUESTS: readonly HttpFileRequest[] = [
  ...ORDERS,
  ...SERVICES,
  ...READS,
  ...RETURNS,
  ...WATCHING,
  ...OPERATIONS,
];
