// Target: inventory events at the webhook of the functions (both schemas, handshake) and the topics of the look-alike
// with its control API. The app parks what it cannot read.
import fc from 'fast-check';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders } from '../input/headers';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { makesHostFail, parseJson } from '../wire/app-answer';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange, type Exchanged, type RawAnswer } from '../wire/raw-http';

type Origin = 'functions' | 'topics';

interface EventInput extends HttpInput {
  readonly origin: Origin;
}

const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  true,
  'x'.repeat(300),
  '\ud800',
  '__proto__',
);
/** The right value, mostly. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: odd });

const productId = fc.oneof(
  fc.nat(50).map((n) => `fuzz-${n}`),
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).map((text) => `fuzz-${text}`),
);
const time = fc.constantFrom(
  '2026-01-31T12:00:00Z',
  '2026-01-31T12:00:00.1234567Z',
  '2026-01-31T12:00:00+14:00',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-01-31',
  'now',
  '2026-13-01T00:00:00Z',
);
const type = fc.constantFrom(
  'Inventory.StockUpdated',
  'Inventory.StockLow',
  'Inventory.PriceChanged',
  'Shipping.ParcelDispatched',
  'Shipping.ParcelDelivered',
  'Inventory.',
  'Inventory.toString',
  'Inventory.__proto__',
  'Other',
  '',
);
const id = fc.oneof(fc.uuid(), fc.constantFrom('1', 'x'.repeat(257)));
const data = mostly(
  fc.record({
    productId: mostly(productId),
    onHand: mostly(fc.nat(100)),
    reserved: mostly(fc.nat(100)),
    available: mostly(fc.nat(100)),
    threshold: mostly(fc.nat(10)),
    unitPriceMinor: mostly(fc.nat(10_000)),
    currency: mostly(fc.constantFrom('USD', 'EUR', '__proto__')),
    oldUnitPriceMinor: mostly(fc.nat(10_000)),
    newUnitPriceMinor: mostly(fc.nat(10_000)),
  }),
);
const gridEvent = fc.record({
  id: mostly(id),
  eventType: mostly(type),
  subject: mostly(fc.constant('products/1')),
  eventTime: mostly(time),
  dataVersion: mostly(fc.constant('1')),
  data,
});
const cloudEvent = fc.record({
  specversion: mostly(fc.constant('1.0')),
  id: mostly(id),
  type: mostly(type),
  source: mostly(fc.constant('/inventory')),
  time: mostly(time),
  data,
});
const event = fc.oneof(gridEvent, cloudEvent);
const validation = fc.record({
  id: mostly(id),
  eventType: fc.constant('Microsoft.EventGrid.SubscriptionValidationEvent'),
  eventTime: mostly(time),
  data: mostly(fc.record({ validationCode: mostly(fc.constant('code')) })),
});
const bodies = fc.oneof(
  { weight: 4, arbitrary: fc.array(event, { maxLength: 3 }).map((events) => JSON.stringify(events)) },
  { weight: 3, arbitrary: event.map((one) => JSON.stringify(one)) },
  { weight: 1, arbitrary: validation.map((one) => JSON.stringify([one])) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      'null',
      '0',
      '[null]',
      '[[]]',
      '"x"',
      '['.repeat(20_000),
      `[${'{},'.repeat(3_000)}{}]`,
      `"${'x'.repeat(1_100_000)}"`,
    ),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
);

const webhookHeaders = fc.constantFrom<HttpInput['headers']>(
  [['aeg-event-type', 'Notification']],
  [['aeg-event-type', 'Notification']],
  [['aeg-event-type', 'notification']],
  [['aeg-event-type', 'SubscriptionValidation']],
  [['aeg-event-type', 'Unsubscribe']],
  [['aeg-event-type', '']],
  [['WebHook-Request-Origin', 'x\x80']],
  [],
);
const webhook = fc
  .tuple(
    fc.constantFrom('POST', 'POST', 'POST', 'OPTIONS', 'PUT', 'GET'),
    fc.constantFrom(
      '?functionName=HandleInventoryEvent',
      '?functionName=HandleShippingEvent',
      '?functionName=HandleInventoryEvent',
      '?FUNCTIONNAME=WatchStock',
      '?functionName=',
      '?functionName=__proto__',
      '?functionName=%zz',
      '',
      '/x',
    ),
    webhookHeaders,
  )
  .map(([method, query, headers]) => ({
    origin: 'functions' as const,
    method,
    target: `/runtime/webhooks/EventGrid${query}`,
    headers,
  }));

const topicHeaders = fc.constantFrom<HttpInput['headers']>(
  [['aeg-sas-key', LOCAL_KEY]],
  [['aeg-sas-key', LOCAL_KEY]],
  [['aeg-sas-key', LOCAL_KEY]],
  [['aeg-sas-key', 'x']],
  [['aeg-sas-token', 'x']],
  [['Authorization', 'Bearer x']],
  [
    ['aeg-sas-key', LOCAL_KEY],
    ['ce-id', '1'],
  ],
  [],
);
const publish = fc
  .tuple(
    fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT'),
    fc.constantFrom(
      'inventory-events',
      'inventory-cloud-events',
      'shipping-events',
      'shipping-cloud-events',
      'order-events',
      'INVENTORY-EVENTS',
      '__proto__',
      '%zz',
      '',
    ),
    fc.constantFrom(
      '?api-version=2018-01-01',
      '?api-version=2018-01-01',
      '?api-version=x',
      '',
      '?api-version=2018-01-01&api-version=x',
    ),
    topicHeaders,
  )
  .map(([method, topic, query, headers]) => ({
    origin: 'topics' as const,
    method,
    target: `/${topic}/api/events${query}`,
    headers,
  }));
/** A subscription that were accepted would bring events to nowhere, so every definition here points nowhere reachable. */
const control = fc
  .tuple(
    fc.constantFrom('GET', 'PUT', 'DELETE', 'POST'),
    fc.constantFrom(
      'subscriptions',
      'subscriptions/inventory-events/fuzz',
      'subscriptions/__proto__/x',
      'subscriptions/inventory-events/%zz',
      'deadletters',
      'deliveries',
      'health',
      '',
      'toString',
    ),
  )
  .map(([method, path]) => ({ origin: 'topics' as const, method, target: `/control/${path}`, headers: [] }));

const inputs: fc.Arbitrary<EventInput> = fc
  .record({
    call: fc.oneof(
      { weight: 4, arbitrary: webhook },
      { weight: 3, arbitrary: publish },
      { weight: 1, arbitrary: control },
    ),
    more: oddHeaders,
    body: bodies,
    bodyEdits: byteEdits(true),
    wireEdits: byteEdits(true),
  })
  .map(({ call, more, ...rest }) => ({
    ...rest,
    ...call,
    headers: [['Content-Type', 'application/json'] as const, ...call.headers, ...more],
  }));

/** The target at the two origins; the events that were taken go into `tally`. */
export function eventGridTarget(origins: Readonly<Record<Origin, string>>, tally: Tally): Target {
  return createTarget<EventInput>({
    name: 'eventgrid',
    share: 12,
    inputs,
    show: (input) => `${input.origin}: ${shownBytes(bytesOf(input, origins[input.origin]))}`,
    async send(input) {
      const bytes = bytesOf(input, origins[input.origin]);
      // However many events it was: before the answer, because a lost answer may have been a success.
      tally.inventoryNews += eventsIn(bytes);
      return judge(input.origin, bytes, await exchange(origins[input.origin], bytes), tally);
    },
  });
}

const eventsIn = (bytes: Buffer): number => bytes.toString('latin1').split('productId').length - 1;

const WEBHOOK_CALL = /^\s*[A-Z]+ \/runtime\/webhooks\/EventGrid[? ]/i;

/** Recorded on the platform: the webhook answers a body that it cannot read with an empty 500, though the caller is to blame. */
export const isRecordedFailure = (origin: Origin, bytes: Buffer, { status, body }: RawAnswer): boolean =>
  origin === 'functions' &&
  status === 500 &&
  body === '' &&
  WEBHOOK_CALL.test(bytes.subarray(0, 200).toString('latin1'));

function judge(origin: Origin, bytes: Buffer, exchanged: Exchanged, tally: Tally): FailureReason {
  if (exchanged.kind === 'unfinished' || makesHostFail(bytes)) return undefined;
  if (exchanged.kind !== 'answer') return `There was no answer (${exchanged.kind}).`;
  const { status, body } = exchanged.answer;
  if (status < 300) noteTaken(tally, 'eventgrid');
  if (isRecordedFailure(origin, bytes, exchanged.answer)) return undefined;
  if (status >= 500) return `The answer was ${status} ${body.slice(0, 300)}`;
  const isError = (parseJson(body) as { error?: { code?: unknown } } | undefined)?.error;
  return isError !== undefined && typeof isError.code !== 'string'
    ? `An error without a code: ${body}`
    : undefined;
}
