// Who asks, made of the headers of a request and the settings.
import fc from 'fast-check';
import { createIdentify, type Identified, type IdentitySettings } from '../../../src/identity/identify';
import { principalHeader, type TestClaims } from '../../support/principal';

const settings: IdentitySettings = {
  platformSignsIn: true,
  signInRequired: true,
  operatorToken: 'operator-token',
  tenants: [{ id: 'acme' }, { id: 'globex' }],
  claims: { tenant: 'tenant_id', customer: 'customer_id' },
};

function identify(
  headers: Readonly<Record<string, string>>,
  more: Partial<IdentitySettings> = {},
  isKeyChecked = true,
): Identified {
  return createIdentify({ ...settings, ...more })({ headers: new Headers(headers), isKeyChecked });
}

const principal = (claims: TestClaims): Record<string, string> => ({
  'x-ms-client-principal': principalHeader(claims),
});
const known = (caller: object): object => ({ kind: 'known', caller });
const OPTIONAL = { signInRequired: false };
const OFF = { platformSignsIn: false };
const ONE_TENANT = { tenants: [{ id: 'default' }] };
const SERVICE = { kind: 'service', name: '', roles: ['service'] };
const OPERATOR = { kind: 'service', name: '', roles: ['operator', 'approver'] };

describe('S19: whoever is signed in by the platform', () => {
  test('is the customer of the tenant that the claims name', () => {
    const claims = { name: 'Ann', tenant_id: 'acme', customer_id: 'cust-1' };
    const ann = { tenantId: 'acme', kind: 'user', name: 'Ann', customerId: 'cust-1', roles: ['customer'] };
    expect(identify(principal(claims))).toEqual(known(ann));
  });

  test('has the known roles of the claims; the role customer comes with a customer id only', () => {
    const roles = ['operator', 'customer', 'owner', 'reader'];
    expect(identify(principal({ tenant_id: 'acme', roles }))).toEqual(
      known({ tenantId: 'acme', kind: 'user', name: '', roles: ['operator', 'reader'] }),
    );
  });

  test.each<[string, TestClaims]>([
    ['a line break', { customer_id: 'cust-1\nother' }],
    ['two of them', { customer_id: ['cust-1', 'cust-2'] }],
    ['an address', { customer_id: 'ann@example.com' }],
  ])('is no customer by a claim with %s', (_, claims) => {
    expect(identify(principal({ tenant_id: 'acme', ...claims }))).toMatchObject({ caller: { roles: [] } });
  });

  test.each<[string, TestClaims, Record<string, string>]>([
    ['no tenant where there are several', {}, {}],
    ['a tenant that is not listed', { tenant_id: 'initech' }, {}],
    ['two tenants', { tenant_id: ['acme', 'globex'] }, {}],
    ['one tenant and asks for another', { tenant_id: 'acme' }, { 'x-tenant-id': 'globex' }],
    ['one tenant and asks for two', { tenant_id: 'acme' }, { 'x-tenant-id': 'acme, globex' }],
  ])('of %s is of no tenant', (_, claims, headers) => {
    expect(identify({ ...principal(claims), ...headers }).kind).toBe('tenantUnknown');
  });

  test('hears the same of another tenant as of one that does not exist', () => {
    const asked = (name: string): string =>
      JSON.stringify(identify({ ...principal({ tenant_id: 'acme' }), 'x-tenant-id': name })).replace(
        name,
        '?',
      );
    expect(asked('globex')).toBe(asked('initech'));
  });

  test('may name the own tenant, and need not name the only one', () => {
    expect(identify({ ...principal({ tenant_id: 'acme' }), 'x-tenant-id': 'acme' }).kind).toBe('known');
    expect(identify(principal({}), ONE_TENANT)).toMatchObject({ caller: { tenantId: 'default' } });
  });

  test('with a header that cannot be read is nobody', () => {
    for (const header of ['no base64 of json', btoa('[]'), btoa('{"claims":5}'), ''])
      expect(identify({ 'x-ms-client-principal': header }, OPTIONAL).kind).toBe('unknown');
  });
});

describe('a header x-ms-client-principal', () => {
  const forged = principal({ tenant_id: 'acme', roles: ['operator'] });

  test('says nothing where the platform signs nobody in', () => {
    expect(identify({ ...forged, 'x-tenant-id': 'acme' }, OFF)).toEqual(
      known({ tenantId: 'acme', ...SERVICE }),
    );
    expect(identify(forged, OFF, false).kind).toBe('unknown');
  });
});

describe('whoever is not signed in', () => {
  test('is a service of the tenant that it names, where the platform has checked a key', () => {
    const named = { 'x-tenant-id': 'globex' };
    for (const more of [OFF, OPTIONAL])
      expect(identify(named, more)).toEqual(known({ tenantId: 'globex', ...SERVICE }));
    expect(identify({}, { ...OFF, ...ONE_TENANT })).toMatchObject({ caller: { tenantId: 'default' } });
  });

  test('is nobody where no key was checked, or where sign-in is required', () => {
    expect(identify({ 'x-tenant-id': 'acme' }, OFF, false).kind).toBe('unknown');
    expect(identify({ 'x-tenant-id': 'acme' }).kind).toBe('unknown');
  });

  test('is of no tenant without a name where there are several, or with one that is not listed', () => {
    for (const name of [undefined, '', 'initech', 'ACME', '*', 'all tenants'])
      expect(identify(name === undefined ? {} : { 'x-tenant-id': name }, OFF).kind).toBe('tenantUnknown');
  });

  test('is never a service with a bearer token that nobody vouches for', () => {
    for (const token of ['Bearer wrong', 'Bearer ', 'Bearer', 'bearer a.b.c', 'Bearer operator-token2'])
      expect(identify({ authorization: token, 'x-tenant-id': 'acme' }, OPTIONAL).kind).toBe('unknown');
  });
});

describe('the operator token', () => {
  const token = { authorization: 'Bearer operator-token', 'x-tenant-id': 'acme' };

  test('makes an operator and approver of the tenant that is named', () => {
    expect(identify(token)).toEqual(known({ tenantId: 'acme', ...OPERATOR }));
    expect(identify(token, OFF, false)).toEqual(known({ tenantId: 'acme', ...OPERATOR }));
  });

  test('that is empty makes nobody an operator', () => {
    for (const authorization of ['Bearer ', 'Bearer', 'Bearer x'])
      expect(identify({ authorization }, { ...OFF, operatorToken: '' }).kind).toBe('unknown');
  });
});

test('no header whatever makes a service, an operator or another tenant of a customer', () => {
  const headers = fc.dictionary(
    fc.constantFrom('x-tenant-id', 'x-functions-key', 'x-customer-id', 'x-ms-client-principal-id', 'cookie'),
    fc.stringMatching(/^[\x21-\x7e]{0,20}$/),
  );
  const own = principal({ tenant_id: 'acme', customer_id: 'cust-1' });
  fc.assert(
    fc.property(headers, (more) => {
      const found = identify({ ...more, ...own }, OPTIONAL);
      if (found.kind === 'known')
        expect(found.caller).toMatchObject({ tenantId: 'acme', customerId: 'cust-1', roles: ['customer'] });
    }),
  );
});
