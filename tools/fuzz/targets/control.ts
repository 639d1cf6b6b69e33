// Target: the simulated services' control API and the Cosmos look-alike's control API. Plans that would affect real
// orders are out of bounds: every rule is for a customer without orders, every hold for a text that is never sent.
import fc from 'fast-check';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders, oddQuery } from '../input/headers';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange, type Exchanged } from '../wire/raw-http';

type Origin = 'services' | 'cosmos';

interface ControlInput extends HttpInput {
  readonly origin: Origin;
}

const odd = fc.constantFrom<unknown>(
  null,
  '',
  -1,
  0,
  1.5,
  1e308,
  2 ** 53,
  [],
  {},
  true,
  '__proto__',
  'x'.repeat(10_000),
);
const rule = fc.record(
  {
    customerId: fc.constant('nobody-at-all'),
    service: fc.oneof(
      fc.constantFrom('payments', 'payment', 'inventory', 'shipping', 'promotions', 'toString'),
      odd,
    ),
    fault: fc.oneof(
      fc.constantFrom('refuse', 'error', 'hang', 'loseAnswer', 'slow', 'down', 'constructor'),
      odd,
    ),
    operation: fc.oneof(fc.constantFrom('charge', 'reserve', 'lookUp', 'createShipment'), odd),
    times: fc.oneof(fc.nat(5), odd),
    delayMs: fc.oneof(fc.nat(5), odd),
    probability: fc.oneof(fc.constantFrom(0, 0.5, 1), odd),
    seed: fc.oneof(fc.nat(), odd),
    extra: odd,
  },
  { requiredKeys: ['customerId', 'service', 'fault'] },
);
const plans = fc.oneof(
  { weight: 4, arbitrary: fc.array(rule, { maxLength: 3 }) },
  { weight: 1, arbitrary: odd },
);
const stock = fc.oneof(
  fc.record({ onHand: fc.oneof(fc.nat(100), odd), reserved: fc.oneof(fc.nat(10), odd) }),
  odd,
);
const hold = fc.record({
  contains: fc.oneof(
    fc.constant(['no text has this in it']),
    fc.array(odd, { minLength: 1, maxLength: 2 }).map((texts) => ['no text has this in it', ...texts]),
  ),
  moment: fc.oneof(fc.constantFrom('arrival', 'answer'), odd),
});
const holds = fc.oneof(fc.array(hold, { maxLength: 2 }), odd);
const productId = fc.oneof(
  fc.constantFrom(
    'fuzz-1',
    'fuzz-2',
    'fuzz-%F0%9F%A6%84',
    'fuzz-%00',
    'fuzz-%zz',
    'fuzz-a%2Fb',
    `fuzz-${'x'.repeat(300)}`,
  ),
  fc.string({ maxLength: 12, unit: 'binary' }).map((text) => `fuzz-${encodeURIComponent(text)}`),
);
const query = oddQuery(
  ['orderId', 'service', 'effect', 'after', 'limit'],
  ['1', '0', '-1', 'charged', 'payments', '100001', '1e2'],
);

interface Call {
  readonly origin: Origin;
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

const calls: fc.Arbitrary<Call> = fc.oneof(
  plans.map((plan): Call => ({
    origin: 'services',
    method: 'PUT',
    target: '/control/faults',
    body: JSON.stringify(plan),
  })),
  fc.tuple(productId, stock).map(([id, level]): Call => ({
    origin: 'services',
    method: 'PUT',
    target: `/control/stock/${id}`,
    body: JSON.stringify(level),
  })),
  fc
    .tuple(
      fc.constantFrom('GET', 'DELETE', 'POST', 'PATCH'),
      fc.constantFrom(
        'ledger',
        'summary',
        'requests',
        'faults',
        'stock/fuzz-1',
        'stock/%zz',
        'stock',
        '',
        '__proto__',
        'health/x/y/z',
      ),
      query,
    )
    .map(([method, path, asked]): Call => ({
      origin: 'services',
      method,
      target: `/control/${path}${asked}`,
      body: '',
    })),
  holds.map((rules): Call => ({
    origin: 'cosmos',
    method: 'PUT',
    target: '/_lookalike/holds',
    body: JSON.stringify(rules),
  })),
  fc
    .tuple(
      fc.constantFrom('GET', 'DELETE', 'POST', 'PUT'),
      fc.constantFrom('counters', 'holds', 'toString', '%zz', ''),
    )
    .map(([method, path]): Call => ({ origin: 'cosmos', method, target: `/_lookalike/${path}`, body: '[]' })),
);

const inputs: fc.Arbitrary<ControlInput> = fc
  .record({ call: calls, headers: oddHeaders, bodyEdits: byteEdits(true) })
  .map(({ call, headers, bodyEdits }) => ({ ...call, headers, bodyEdits, wireEdits: [] }));

/** The target at the two origins; changes of stock go into `tally`, because they become events. */
export function controlTarget(origins: Readonly<Record<Origin, string>>, tally: Tally): Target {
  return createTarget<ControlInput>({
    name: 'control',
    share: 6,
    inputs,
    show: (input) => `${input.origin}: ${shownBytes(bytesOf(input, origins[input.origin]))}`,
    async send(input) {
      if (input.target.startsWith('/control/stock')) tally.inventoryNews += 1;
      return judge(await exchange(origins[input.origin], bytesOf(input, origins[input.origin])), tally);
    },
  });
}

function judge(exchanged: Exchanged, tally: Tally): FailureReason {
  if (exchanged.kind === 'unfinished') return undefined;
  if (exchanged.kind !== 'answer') return `There was no answer (${exchanged.kind}).`;
  const { status, body } = exchanged.answer;
  if (status < 300) noteTaken(tally, 'control');
  return status >= 500 ? `The answer was ${status} ${body.slice(0, 300)}` : undefined;
}
