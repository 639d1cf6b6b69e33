// The door before every HTTP route: what it lets in, and what it answers to whom it does not.
import { HttpRequest } from '@azure/functions';
import { createDoor, type Admitted } from '../../../src/functions/door';
import { HttpProblem } from '../../../src/functions/http';
import { ROUTES } from '../../../src/functions/routes/routes';
import type { Route } from '../../../src/functions/routes/route';
import { createIdentify } from '../../../src/identity/identify';
import { createQuotas } from '../../../src/identity/quotas';
import type { Tenant } from '../../../src/identity/tenants';
import { principalHeader, type TestClaims } from '../../support/principal';

function open(tenants: readonly Tenant[] = [{ id: 'acme' }]) {
  const identity = {
    ...{ platformSignsIn: true, signInRequired: false, operatorToken: '', tenants },
    claims: { tenant: 'tenant_id', customer: 'customer_id' },
  };
  const door = createDoor({
    identify: createIdentify(identity),
    quotas: createQuotas(tenants, { nowMs: () => 0 }),
  });
  const ask = (
    route: Route,
    claims: TestClaims | undefined,
    within = (admitted: Admitted) => Promise.resolve<unknown>(admitted),
  ): Promise<unknown> => {
    const headers: Record<string, string> =
      claims === undefined ? {} : { 'x-ms-client-principal': principalHeader(claims) };
    const request = new HttpRequest({ method: route.method, url: 'http://127.0.0.1/api/x', headers });
    return door(route, request, within).catch((error: unknown) => {
      if (!(error instanceof HttpProblem)) throw error;
      return { code: error.code, retryAfter: error.headers?.['Retry-After'] };
    });
  };
  return { ask };
}

const customer = { customer_id: 'cust-1' };

test('S19: a handler is given the scope of its caller, and on an operators’ route the name for the audit trail', async () => {
  const { ask } = open();
  expect(await ask(ROUTES.GetOrderById, customer)).toMatchObject({
    scope: { tenantId: 'acme', customerId: 'cust-1' },
    operator: undefined,
  });
  expect(await ask(ROUTES.SuspendSaga, { name: 'ann', roles: ['operator'] })).toMatchObject({
    scope: { tenantId: 'acme' },
    operator: 'operator:ann',
  });
});

test('no handler runs for a caller who may not call its route', async () => {
  const { ask } = open();
  const handler = jest.fn(() => Promise.resolve());
  expect(await ask(ROUTES.SuspendSaga, customer, handler)).toMatchObject({ code: 'ROLE_MISSING' });
  expect(await ask(ROUTES.SuspendSaga, undefined, handler)).toMatchObject({ code: 'CALLER_UNKNOWN' });
  expect(await ask(ROUTES.GetDailyAnalytics, customer, handler)).toMatchObject({ code: 'ROLE_MISSING' });
  expect(await ask(ROUTES.GetOrderById, { tenant_id: 'x' }, handler)).toMatchObject({
    code: 'TENANT_UNKNOWN',
  });
  expect(handler).not.toHaveBeenCalled();
});

test('nobody is asked who they are on a route for anyone', async () => {
  const { ask } = open([{ id: 'acme' }, { id: 'globex' }]);
  expect(await ask(ROUTES.GetHealth, undefined)).toMatchObject({ caller: undefined, scope: undefined });
});

test('a tenant over its quota is a 429 that says when to ask again; operators are let in all the same', async () => {
  const { ask } = open([{ id: 'acme', ratePerSecond: 0.5 }]);
  await ask(ROUTES.GetOrderById, customer);
  expect(await ask(ROUTES.GetOrderById, customer)).toEqual({ code: 'TENANT_OVER_QUOTA', retryAfter: '2' });
  expect(await ask(ROUTES.SuspendSaga, { roles: ['operator'] })).toMatchObject({ operator: 'operator' });
});

test('a request that fails is not in flight any more', async () => {
  const { ask } = open([{ id: 'acme', inFlight: 1 }]);
  const failing = (): Promise<never> => Promise.reject(new HttpProblem('NOT_FOUND', 'no such order'));
  for (let at = 0; at < 3; at += 1)
    expect(await ask(ROUTES.GetOrderById, customer, failing)).toMatchObject({ code: 'NOT_FOUND' });
});
