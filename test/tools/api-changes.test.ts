// Changes of the OpenAPI document that break callers: each is found and names them. An addition breaks none.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { breakingChanges } from '../../tools/docs/api/api-changes';
import { brokenCallers } from '../../tools/docs/pages';

const root = path.resolve(__dirname, '../..');
type Json = Record<string, unknown>;

const recorded = (): Json =>
  JSON.parse(readFileSync(path.join(root, 'test/golden/openapi.json'), 'utf8')) as Json;

/** The value at a path such as `paths./orders.post`; keys hold no dot but in `openapi.json`, which no test needs. */
const at = (document: Json, where: string): Json =>
  where.split('.').reduce<unknown>((value, key) => (value as Json)[key], document) as Json;

const schema = (name: string): string => `components.schemas.${name}`;
const field = (name: string, of: string): string => `${schema(name)}.properties.${of}`;
const PLACE = 'paths./orders.post';
const LIST = 'paths./orders/customer/{customerId}.get';

/** The recorded document with what is at `where` changed. */
function changed(where: string, change: (value: Json) => void): string[] {
  const now = recorded();
  change(at(now, where));
  return breakingChanges(recorded(), now);
}
const set =
  (key: string, value: unknown) =>
  (json: Json): void => {
    json[key] = value;
  };
const drop =
  (key: string) =>
  (json: Json): void => {
    Reflect.deleteProperty(json, key);
  };
const add =
  (key: string, ...values: unknown[]) =>
  (json: Json): void => {
    json[key] = [...((json[key] ?? []) as unknown[]), ...values];
  };
const remove =
  (key: string, value: unknown) =>
  (json: Json): void => {
    json[key] = (json[key] as unknown[]).filter((one) => one !== value);
  };

test('no change since the API was recorded breaks a caller', () => {
  expect(brokenCallers(root)).toEqual([]);
});

describe('a change that breaks', () => {
  test.each<[string, string, (json: Json) => void, string]>([
    [
      'a route that is gone',
      'paths',
      drop('/orders/{id}'),
      'GET /orders/{id} is gone: breaks whoever calls it',
    ],
    [
      'another name',
      PLACE,
      set('operationId', 'PlaceOrder'),
      'POST /orders was CreateOrder and is PlaceOrder: breaks clients that were generated',
    ],
    [
      'a key that is asked for',
      'paths./health.get',
      set('security', [{ functionKey: [] }]),
      'GET /health asks who calls: breaks whoever calls it without a key or token',
    ],
    [
      'a parameter that is gone',
      LIST,
      (list) =>
        set(
          'parameters',
          (list['parameters'] as Json[]).filter(({ name }) => name !== 'status'),
        )(list),
      'GET /orders/customer/{customerId} query status is gone: breaks whoever sends it',
    ],
    [
      'a parameter that is new and required',
      LIST,
      add('parameters', { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } }),
      'GET /orders/customer/{customerId} query tenant is new and required: breaks whoever does not know it',
    ],
    [
      'a parameter with a lower bound than before',
      `${LIST}.parameters.2.schema`,
      set('maximum', 50),
      'GET /orders/customer/{customerId} query limit has maximum 50, not 100: breaks whoever sends it',
    ],
    [
      'a parameter that is required now',
      `${LIST}.parameters.2`,
      set('required', true),
      'GET /orders/customer/{customerId} query limit is required now: breaks whoever leaves it out',
    ],
    [
      'a field that is new and required in a body',
      schema('NewOrder'),
      (body) => {
        add('required', 'channel')(body);
        set('channel', { type: 'string' })(body['properties'] as Json);
      },
      'POST /orders body.channel is new and required: breaks whoever does not know it',
    ],
    [
      'a field that is required in a body now',
      schema('NewOrder'),
      add('required', 'currency'),
      'POST /orders body.currency is required now: breaks whoever leaves it out',
    ],
    [
      'a field that a body has no more',
      `${schema('NewOrder')}.properties`,
      drop('couponCode'),
      'POST /orders body.couponCode is not taken any more: breaks whoever sends it',
    ],
    [
      'a narrower type within a list of a body',
      `${field('NewOrder', 'items')}.items.properties.unitPrice`,
      set('type', 'integer'),
      'POST /orders body.items[].unitPrice takes no number any more: breaks whoever sends it',
    ],
    [
      'a narrower form in a body',
      field('NewOrder', 'customerId'),
      set('pattern', '^c-'),
      'POST /orders body.customerId has pattern "^c-", not "^[A-Za-z0-9_.:~-]{1,64}$": breaks whoever sends it',
    ],
    [
      'a body that is asked for',
      'paths./orders/{id}/cancel.post',
      set('requestBody', { content: { 'application/json': { schema: { type: 'object' } } } }),
      'POST /orders/{id}/cancel asks for a body: breaks whoever sends none',
    ],
    [
      'a status that is gone',
      `${PLACE}.responses`,
      drop('202'),
      'POST /orders 202 is gone: breaks whoever waits for it',
    ],
    [
      'a header that an answer has no more',
      `${PLACE}.responses.202.headers`,
      drop('Location'),
      'POST /orders 202 has no header Location any more: breaks whoever reads it',
    ],
    [
      'a field that an answer has no more',
      `${schema('Order')}.properties`,
      drop('trackingId'),
      'POST /orders 202 answer.trackingId is gone: breaks whoever reads it',
    ],
    [
      'a field that an answer may leave out',
      schema('Order'),
      remove('required', 'version'),
      'POST /orders 200 answer.version may be missing: breaks whoever reads it',
    ],
    [
      'a field of an answer that may be null',
      field('OrderSummary', 'currency'),
      set('type', ['string', 'null']),
      'GET /orders/customer/{customerId} 200 answer[].currency may be null: breaks whoever reads it',
    ],
    [
      'a value that an answer did not have',
      field('Order', 'status'),
      add('enum', 'lost'),
      'POST /orders 200 answer.status may be "lost": breaks whoever reads it',
    ],
    [
      'another form in an answer',
      field('Order', 'createdAt'),
      set('format', 'date'),
      'POST /orders 200 answer.createdAt has format "date", not "date-time": breaks whoever reads it',
    ],
    [
      'a code that is gone',
      'components.x-error-codes',
      drop('CANNOT_CANCEL'),
      'code CANNOT_CANCEL is gone: breaks whoever handles it',
    ],
    [
      'a code with another status',
      'components.x-error-codes.NOT_FOUND',
      set('status', 410),
      'code NOT_FOUND has status 410, not 404: breaks whoever handles it',
    ],
  ])('is %s', (_, where, change, said) => {
    expect(changed(where, change)).toContain(said);
  });
});

describe('a change that breaks no caller', () => {
  test.each<[string, string, (json: Json) => void]>([
    ['none', 'paths', () => undefined],
    ['a route', 'paths', set('/orders/{id}/gifts', { post: { operationId: 'GiveOrder' } })],
    [
      'an optional parameter',
      LIST,
      add('parameters', { name: 'q', in: 'query', required: false, schema: { type: 'string' } }),
    ],
    ['a higher bound', `${LIST}.parameters.2.schema`, set('maximum', 500)],
    ['an optional field of a body', `${schema('NewOrder')}.properties`, set('note', { type: 'string' })],
    [
      'a wider type in a body',
      `${field('NewOrder', 'items')}.items.properties.quantity`,
      set('type', 'number'),
    ],
    ['a value that a parameter takes', `${LIST}.parameters.3.schema`, add('enum', 'lost')],
    [
      'a field of an answer',
      schema('Order'),
      (order) => {
        set('note', { type: 'string' })(order['properties'] as Json);
        add('required', 'note')(order);
      },
    ],
    ['a value that an answer has no more', field('Order', 'status'), remove('enum', 'delivered')],
    ['a null that an answer has no more', field('Order', 'trackingId'), set('type', 'string')],
    ['a problem', `${PLACE}.responses`, set('429', { content: { 'application/problem+json': {} } })],
    ['a code', 'components.x-error-codes', set('TOO_MANY', { status: 429 })],
    ['other words', PLACE, set('summary', 'Order something')],
  ])('is %s', (_, where, change) => {
    expect(changed(where, change)).toEqual([]);
  });
});

test('a value that an enum of a parameter loses breaks whoever sends it', () => {
  expect(changed(`${LIST}.parameters.3.schema`, remove('enum', 'shipped'))).toContain(
    'GET /orders/customer/{customerId} query status takes "shipped" no more: breaks whoever sends it',
  );
});
