// Routes for operators and approvers: what waits for a person, and what they do with it.
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { seenSaga } from '../commands/saga-status';
import { openInterventions } from '../domain/interventions';
import type { OrderHead } from '../domain/order';
import type { TenantScope } from '../domain/scope';
import type { Caller } from '../identity/caller';
import { actorOf } from '../identity/caller';
import { interventionActions, type Asked } from '../operations/intervention-actions';
import {
  claimIntervention,
  releaseIntervention,
  resolveIntervention,
  retryIntervention,
  type InterventionPorts,
} from '../operations/interventions';
import type { OrderQueues } from '../ports/order-queues';
import { listTenantOrders } from '../projections/customer-orders';
import type { CustomerOrderReads, TenantOrderFilter } from '../projections/read-model-stores';
import { utcTime } from '../events/schemas';
import { toCursor } from '../queries/cursor';
import { toApprovalInQueue, toInterventionView, toReturnsInQueue } from '../queries/inbox-views';
import { invocationLog } from '../telemetry/invocation-log';
import { allowedFor, orderActionsFor } from './allowed-for';
import type { ControlAppPorts } from './control-saga.http';
import { cursorPosition, HttpProblem, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import { interventionPlace } from './routes/inbox-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export interface InboxPorts extends ControlAppPorts {
  readonly customerOrders: CustomerOrderReads;
  readonly queues: OrderQueues;
}

/** Registers the routes of inbox-routes.ts. */
export function registerInbox(ports: InboxPorts, register: RegisterRoute): void {
  register(ROUTES.ListInterventions, (call) => listInterventions(ports, call));
  register(ROUTES.ClaimIntervention, (call) => act(ports, claimIntervention, call));
  register(ROUTES.ReleaseIntervention, (call) => act(ports, releaseIntervention, call));
  register(ROUTES.RetryIntervention, (call) => act(ports, retryIntervention, call));
  register(ROUTES.ResolveIntervention, (call) => act(ports, resolveIntervention, call));
  register(ROUTES.ListApprovals, (call) => listApprovals(ports, call));
  register(ROUTES.ListReturns, (call) => listReturns(ports, call));
}

/** Where a page of orders ended. */
const listPosition = z.strictObject({ createdAt: utcTime, id: z.uuid() });
const idPosition = z.strictObject({ id: z.uuid() });

interface Page {
  readonly orders: readonly OrderHead[];
  readonly headers: { readonly headers?: { readonly Link: string } };
}

type PageCall = Pick<Call<typeof ROUTES.ListApprovals>, 'query' | 'scope' | 'request' | 'base'>;

/** A page of the orders that a read model selects, each read as it is now. */
async function ordersOf(
  { customerOrders, orders }: InboxPorts,
  { query: { cursor, limit }, scope, request, base }: PageCall,
  list: string,
  filter: Pick<TenantOrderFilter, 'status' | 'needsIntervention'>,
): Promise<Page> {
  const query = { list, scope };
  const after = cursorPosition(query, cursor, listPosition);
  const found = await listTenantOrders(customerOrders, scope, { ...filter, after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const read = await Promise.all(shown.map(({ id }) => orders.read(scope, id)));
  const page = read.flatMap((stored) => (stored === undefined ? [] : [stored.order]));
  const last = shown.at(-1);
  if (found.length <= limit || last === undefined) return { orders: page, headers: {} };
  const next = toCursor(query, { createdAt: last.createdAt, id: last.id });
  return { orders: page, headers: { headers: nextPage(`${base}/ops/${list}`, request.url, next) } };
}

type ListInterventions = typeof ROUTES.ListInterventions;

async function listInterventions(
  ports: InboxPorts,
  call: Call<ListInterventions>,
): Promise<AnswerOf<ListInterventions>> {
  const { orders, headers } = await ordersOf(ports, call, 'interventions', { needsIntervention: true });
  const asking = { sagas: ports.sagas(call.context), log: invocationLog(call.context) };
  const operator = actorOf(call.caller, 'operator');
  const views = orders.map(async (order) => {
    const open = openInterventions(order.saga);
    // Only where it matters whether something still carries the order on.
    const asks = open.some(({ kind }) => kind === 'saga' || kind === 'step');
    const saga = asks ? await seenSaga(asking, order) : 'unasked';
    return open.map((intervention) => viewOf(call.caller, { order, intervention, operator, saga }));
  });
  return { status: 200, jsonBody: (await Promise.all(views)).flat(), ...headers };
}

function viewOf(caller: Caller, asked: Asked) {
  const actions = allowedFor(caller, interventionActions(asked), () => 'operator');
  return { ...toInterventionView(asked.order, asked.intervention), allowedActions: actions };
}

type Act = typeof ROUTES.ClaimIntervention;
type ActCall = Pick<Call<Act>, 'params' | 'body' | 'scope' | 'operator' | 'context' | 'caller'>;

async function act(
  ports: InboxPorts,
  command: typeof claimIntervention,
  { params, body, scope, operator, context, caller }: ActCall,
): Promise<AnswerOf<Act>> {
  const place = interventionPlace(params.interventionId);
  if (place === undefined) throw noSuchIntervention(params.interventionId);
  const request = { ...place, scope, operator, reason: body.reason };
  const result = await command(workingPorts(ports, context), request);
  if (result.kind === 'notFound') throw noSuchIntervention(params.interventionId);
  if (result.kind === 'refused') {
    const { code, why } = result.refusal;
    throw new HttpProblem(code, why);
  }
  return { status: 200, jsonBody: viewOf(caller, result) };
}

function workingPorts(ports: InboxPorts, context: InvocationContext): InterventionPorts {
  const [sagas, returnSagas] = [ports.sagas(context), ports.returnSagas(context)];
  return { ...ports, sagas, returnSagas, log: invocationLog(context) };
}

function noSuchIntervention(id: string): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no intervention ${id.slice(0, 100)}`);
}

type ListApprovals = typeof ROUTES.ListApprovals;

async function listApprovals(ports: InboxPorts, call: Call<ListApprovals>): Promise<AnswerOf<ListApprovals>> {
  const { orders, headers } = await ordersOf(ports, call, 'approvals', { status: 'awaitingApproval' });
  const nowMs = ports.clock.nowMs();
  const jsonBody = orders.flatMap((order) => {
    const asked = toApprovalInQueue(order, nowMs);
    const allowed = orderActionsFor(call.caller, order, 'unasked');
    return asked === undefined ? [] : [{ ...asked, allowedActions: allowed.flatMap(ofApproval) }];
  });
  return { status: 200, jsonBody, ...headers };
}

function ofApproval({ action, ...rest }: ReturnType<typeof orderActionsFor>[number]) {
  return action === 'approve' || action === 'reject' ? [{ action, ...rest }] : [];
}

type ListReturns = typeof ROUTES.ListReturns;

async function listReturns(
  { queues }: InboxPorts,
  { query: { cursor, limit }, scope, request, base }: Call<ListReturns>,
): Promise<AnswerOf<ListReturns>> {
  const idOf = ({ orderId }: OrderHead): string => orderId;
  const page = await pageById('returns', { cursor, limit, scope }, idOf, (asked) =>
    queues.withOpenReturns(scope, asked),
  );
  const jsonBody = page.items.flatMap(toReturnsInQueue);
  if (page.next === undefined) return { status: 200, jsonBody };
  return { status: 200, jsonBody, headers: nextPage(`${base}/ops/returns`, request.url, page.next) };
}

/** A page of a list that goes by order id, and the cursor of the next. */
export async function pageById<T>(
  list: string,
  asked: { readonly cursor?: string | undefined; readonly limit: number; readonly scope: TenantScope },
  idOf: (item: T) => string,
  find: (page: { readonly afterId: string | undefined; readonly limit: number }) => Promise<readonly T[]>,
): Promise<{ readonly items: readonly T[]; readonly next: string | undefined }> {
  const { cursor, limit, scope } = asked;
  const query = { list, scope };
  const afterId = cursorPosition(query, cursor, idPosition)?.id;
  const found = await find({ afterId, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? toCursor(query, { id: idOf(last) }) : undefined;
  return { items, next };
}
