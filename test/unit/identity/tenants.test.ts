// The list of tenants in the settings, and which of them a message or request belongs to.
import { ConfigError, parseConfig } from '../../../src/parse-config';
import { DEFAULT_TENANTS, findTenant } from '../../../src/identity/tenants';

const required = {
  OrderProcessing__EncryptionKey: '.local/app.key',
  OrderProcessing__CosmosConnectionString: 'AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;',
  ServiceBusConnection: 'Endpoint=sb://127.0.0.1;SharedAccessKeyName=k;SharedAccessKey=a2V5;',
  ...Object.fromEntries(
    ['Inventory', 'Promotion', 'Payment', 'Shipping', 'Notification'].map((name) => [
      `${name}Service__BaseUrl`,
      'http://127.0.0.1:7072',
    ]),
  ),
};

function parsed(text: string): unknown {
  try {
    return parseConfig({ ...required, OrderProcessing__Tenants: text }).tenants;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
}

test('the only tenant need not be named, and is `default` where the settings list none', () => {
  expect(parsed('')).toEqual(DEFAULT_TENANTS);
  for (const named of [undefined, '', 'default'])
    expect(findTenant(DEFAULT_TENANTS, named)).toEqual({ kind: 'found', tenantId: 'default' });
  expect(findTenant(DEFAULT_TENANTS, 'acme').kind).toBe('unknown');
});

test('one of several tenants has to be named, as it is written', () => {
  const tenants = [{ id: 'acme' }, { id: 'default' }];
  expect(findTenant(tenants, 'acme')).toEqual({ kind: 'found', tenantId: 'acme' });
  for (const named of [undefined, '', 'Acme', 'acme ', '__proto__'])
    expect(findTenant(tenants, named).kind).toBe('unknown');
});

test('the list takes quotas and topics', () => {
  const tenants = [{ id: 'acme', ratePerSecond: 0.5, inFlight: 3, topic: 'acme-events' }, { id: 'globex' }];
  expect(parsed(JSON.stringify(tenants))).toEqual(tenants);
});

test.each([
  ['acme', 'must be JSON'],
  ['[]', '(JSON) must have at least 1 entry'],
  ['{}', '(JSON) must be an array, not an object'],
  ['[{"id":"a b"}]', '[0].id must have 1 to 64 characters'],
  ['[{"id":"a"},{"id":"a"}]', '[1].id a is listed twice'],
  ['[{"id":"a","ratePerSecond":0}]', '[0].ratePerSecond must be more than 0'],
  ['[{"id":"a","inFlight":1.5}]', '[0].inFlight must be a whole number'],
  ['[{"id":"a","quota":1}]', '[0].quota is not a known field'],
])('the list %s stops the start and says why: %s', (text, why) => {
  expect(parsed(text)).toContain('OrderProcessing:Tenants');
  expect(parsed(text)).toContain(why);
});
