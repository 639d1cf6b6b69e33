// Routes for the personal data of customers: export, erasure, and the rotation of the keys that it is encrypted with.
import { z } from 'zod';
import { customerWithin, type CustomerScope, type Scope } from '../domain/scope';
import { requesterOf } from '../identity/caller';
import type { Rotated } from '../identity/rotate-keys';
import type { TenantScope } from '../domain/scope';
import { applyErasures, eraseCustomer, listErasures, type ErasurePorts } from '../operations/erase-customer';
import { toCursor } from '../queries/cursor';
import { personalDataOf, type ExportPorts } from '../queries/personal-data';
import { invocationLog } from '../telemetry/invocation-log';
import { cursorPosition, HttpProblem, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export type PersonalDataPorts = ErasurePorts &
  ExportPorts & { readonly rotate: (scope: TenantScope) => Promise<Rotated> };

export function registerPersonalData(ports: PersonalDataPorts, register: RegisterRoute): void {
  register(ROUTES.GetPersonalData, (call) => exported(ports, call));
  register(ROUTES.ErasePersonalData, (call) => erased(ports, call));
  register(ROUTES.ListErasures, async ({ scope }) => ({
    status: 200 as const,
    jsonBody: await listErasures(ports, scope),
  }));
  register(ROUTES.ApplyErasures, async ({ scope, body, context }) => ({
    status: 200 as const,
    jsonBody: await applyErasures(ports, scope, body.erasures, invocationLog(context)),
  }));
  register(ROUTES.RotateKeys, async ({ scope, operator, context }) => {
    const jsonBody = await ports.rotate(scope);
    const { keyId, rewrapped } = jsonBody;
    invocationLog(context).info('keys rotated', { operator, tenantId: scope.tenantId, keyId, rewrapped });
    return { status: 200 as const, jsonBody };
  });
}

/** Outside the caller's scope there is no customer (S19). */
function customerOf(scope: Scope, customerId: string): CustomerScope {
  const customer = customerWithin(scope, customerId);
  if (customer === undefined) throw new HttpProblem('NOT_FOUND', `There is no customer ${customerId}`);
  return customer;
}

/** Where a page ended. */
const position = z.strictObject({ orderId: z.uuid() });

type Export = typeof ROUTES.GetPersonalData;

async function exported(
  ports: PersonalDataPorts,
  { params: { customerId }, query: given, request, scope, base }: Call<Export>,
): Promise<AnswerOf<Export>> {
  const customer = customerOf(scope, customerId);
  const query = { list: 'personal-data', customer };
  const after = cursorPosition(query, given.cursor, position)?.orderId ?? '';
  const found = await personalDataOf(ports, customer, after, given.limit + 1);
  const orders = found.slice(0, given.limit);
  const jsonBody = { customerId, orders };
  const last = orders.at(-1);
  if (found.length <= given.limit || last === undefined) return { status: 200, jsonBody };
  const path = `${base}/customers/${encodeURIComponent(customerId)}/personal-data`;
  const next = toCursor(query, { orderId: last.orderId });
  return { status: 200, jsonBody, headers: nextPage(path, request.url, next) };
}

type Erase = typeof ROUTES.ErasePersonalData;

async function erased(
  ports: PersonalDataPorts,
  { params: { customerId }, scope, caller, context }: Call<Erase>,
): Promise<AnswerOf<Erase>> {
  const customer = customerOf(scope, customerId);
  const jsonBody = await eraseCustomer(ports, customer, requesterOf(caller), invocationLog(context));
  return { status: jsonBody.status === 'erasing' ? 202 : 200, jsonBody };
}
