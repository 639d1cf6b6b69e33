// Bulk operations on the orders that a filter selects: count them (dry run), start, look, stop, and run one page.
//
// bulk.B1  An operation acts on orders that were placed before its cut-off only; the dry run says which moment that is.
// bulk.B2  Where an operation stands, and whether it is to stop, is in the store. The page that moves it on and the counts of what
//   came of it are one write under its etag, so a page that a crash has run twice is counted once; what it does is
//   done once by each order itself.
// bulk.B3  On record before it is done: who started and who stopped it, and why.
import { orderIdFor } from '../commands/place-order';
import { afterPage, openBulk, type BulkFilter, type BulkOperation, type BulkOrder } from '../domain/bulk';
import type { BulkAct, BulkOutcome, BulkPageAnswer, BulkProblem } from '../domain/bulk';
import type { TenantScope } from '../domain/scope';
import { TransientError } from '../errors';
import type { Audit } from '../ports/audit';
import type { BulkRuns, BulkStore, StoredBulk } from '../ports/bulk-store';
import { toIso, type Clock } from '../ports/clock';
import type { CustomerOrder, CustomerOrderReads, ListPosition } from '../projections/read-model-stores';
import { actOn, type BulkActPorts } from './bulk-acts';

export interface BulkPorts {
  readonly bulks: BulkStore;
  readonly customerOrders: Pick<CustomerOrderReads, 'listOfTenant'>;
  readonly audit: Audit;
  readonly clock: Clock;
}

export interface BulkRequest {
  readonly scope: TenantScope;
  readonly act: BulkAct;
  readonly filter: BulkFilter;
  readonly reason: string;
  readonly operator: string;
  /** As a dry run told it; now unless given. */
  readonly cutOff?: string | undefined;
  /** Starting twice with one key is starting once. */
  readonly key?: string | undefined;
}

export interface BulkCount {
  readonly matched: number;
  /** There may be more: counting ends there. */
  readonly isAtLeast: boolean;
  readonly cutOff: string;
  /** The ids of some of them, the newest first. */
  readonly examples: readonly string[];
}

const COUNT_PAGE = 500;
const COUNT_AT_MOST = 10_000;
const EXAMPLES = 10;
/** Orders of one page, and how many of them at one time: live orders use the same stores. */
const PAGE = 20;
const AT_ONCE = 5;

/** How many orders an operation would act on that were started now. */
export async function countBulk(ports: BulkPorts, request: BulkRequest): Promise<BulkCount> {
  const nowIso = toIso(ports.clock.nowMs());
  const { scope, filter, cutOff: asked = nowIso } = request;
  const cutOff = asked < nowIso ? asked : nowIso;
  const examples: string[] = [];
  let matched = 0;
  let after: ListPosition | undefined;
  do {
    const page = await select(ports, { scope, filter, cutOff, after, limit: COUNT_PAGE });
    examples.push(...page.slice(0, EXAMPLES - examples.length).map(({ id }) => id));
    matched += page.length;
    after = page.length < COUNT_PAGE ? undefined : page.at(-1);
  } while (after !== undefined && matched < COUNT_AT_MOST);
  return { matched, isAtLeast: after !== undefined, cutOff, examples };
}

/** Starts an operation (bulk.B3): on record, then its orchestration, then what can be looked at. Each may be done again. */
export async function startBulk(
  ports: BulkPorts & { readonly runs: BulkRuns },
  request: BulkRequest,
): Promise<BulkOperation> {
  const { bulks, audit, clock, runs } = ports;
  const { scope, act, filter, reason, operator, key } = request;
  const id = key === undefined ? crypto.randomUUID() : orderIdFor(scope, `bulk\n${key}`);
  const existing = await bulks.read(scope, id);
  if (existing !== undefined) {
    if (existing.operation.state === 'running') await runs.start(existing.operation);
    return existing.operation;
  }
  const { matched, isAtLeast, cutOff } = await countBulk(ports, request);
  const startedAt = toIso(clock.nowMs());
  const order: BulkOrder = {
    ...{ id, tenantId: scope.tenantId, act, filter, reason, operator },
    ...{ cutOff, matched, isAtLeast, startedAt },
  };
  await audit.record(scope, {
    ...{ id: `${id}:start`, subject: `bulk:${id}`, at: startedAt, actor: operator },
    ...{ action: `start bulk ${act}`, reason, before: null },
    after: JSON.stringify({ filter, cutOff, matched }),
  });
  await runs.start(order);
  return (await bulks.create(scope, openBulk(order))).operation;
}

/** Asks an operation to stop: it does before its next page. Undefined when there is none; one that has ended is as it was. */
export async function stopBulk(
  { bulks, audit, clock }: Pick<BulkPorts, 'bulks' | 'audit' | 'clock'>,
  request: Pick<BulkRequest, 'scope' | 'operator' | 'reason'> & { readonly id: string },
): Promise<BulkOperation | undefined> {
  const { scope, id, operator, reason } = request;
  for (;;) {
    const stored = await bulks.read(scope, id);
    if (stored === undefined) return undefined;
    const { operation, etag } = stored;
    if (operation.state !== 'running' || operation.stopRequestedBy !== null) return operation;
    await audit.record(scope, {
      ...{ id: `${id}:stop`, subject: `bulk:${id}`, at: toIso(clock.nowMs()), actor: operator },
      ...{ action: `stop bulk ${operation.act}`, reason, before: countsOf(operation), after: null },
    });
    const next = { ...operation, stopRequestedBy: operator };
    if (await bulks.write(scope, next, etag)) return next;
  }
}

/** Runs the next page of an operation, or ends it. Never throws for what may work later. */
export async function runBulkPage(
  ports: BulkPorts & BulkActPorts,
  { order }: { readonly order: BulkOrder },
): Promise<BulkPageAnswer> {
  const { id, tenantId } = order;
  const scope = { tenantId };
  try {
    const stored = (await ports.bulks.read(scope, id)) ?? (await ports.bulks.create(scope, openBulk(order)));
    const next = await nextOf(ports, scope, stored);
    return { id, next };
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    ports.log.warn('bulk operation waits', { bulkId: id, error: error.message });
    return { id, next: 'wait' };
  }
}

async function nextOf(
  ports: BulkPorts & BulkActPorts,
  scope: TenantScope,
  { operation, etag }: StoredBulk,
): Promise<BulkPageAnswer['next']> {
  const { bulks, clock } = ports;
  if (operation.state !== 'running') return 'end';
  if (operation.stopRequestedBy !== null) {
    const stopped: BulkOperation = { ...operation, state: 'stopped', endedAt: toIso(clock.nowMs()) };
    await onRecord(ports, stopped);
    return (await bulks.write(scope, stopped, etag)) ? 'end' : 'page';
  }
  const { filter, cutOff, after } = operation;
  const page = await select(ports, { scope, filter, cutOff, after: after ?? undefined, limit: PAGE });
  const outcomes = await actOnAll(ports, operation, page);
  const last = page.at(-1);
  const next = afterPage(operation, {
    ...{ outcomes, isEnd: page.length < PAGE, atIso: toIso(clock.nowMs()) },
    last: last === undefined ? null : { createdAt: last.createdAt, id: last.id },
  });
  if (next.state === 'completed') await onRecord(ports, next);
  // Another run of this page, or somebody who stops it, was faster: what is stored now says what comes next (bulk.B2).
  const isWritten = await bulks.write(scope, next, etag, problemsOf(page, outcomes));
  return isWritten && next.state === 'completed' ? 'end' : 'page';
}

async function actOnAll(
  ports: BulkActPorts,
  operation: BulkOperation,
  page: readonly CustomerOrder[],
): Promise<readonly BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  for (let from = 0; from < page.length; from += AT_ONCE) {
    const some = page.slice(from, from + AT_ONCE);
    outcomes.push(...(await Promise.all(some.map(({ id }) => actOn(ports, operation, id)))));
  }
  return outcomes;
}

function problemsOf(
  page: readonly CustomerOrder[],
  outcomes: readonly BulkOutcome[],
): readonly BulkProblem[] {
  return page.flatMap(({ id }, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.kind === 'done') return [];
    return [{ orderId: id, kind: outcome.kind, why: outcome.why.slice(0, 500) }];
  });
}

/** That it has ended, and with which counts. */
function onRecord({ audit, clock }: BulkPorts, operation: BulkOperation): Promise<void> {
  const { id, tenantId, act, state, operator, reason } = operation;
  return audit.record(
    { tenantId },
    {
      ...{ id: `${id}:${state}`, subject: `bulk:${id}`, at: toIso(clock.nowMs()), actor: operator },
      ...{ action: `bulk ${act} ${state}`, reason, before: null, after: countsOf(operation) },
    },
  );
}

function countsOf({ done, refused, failed, matched }: BulkOperation): string {
  return JSON.stringify({ done, refused, failed, matched });
}

interface Selection extends Pick<BulkOperation, 'filter' | 'cutOff'> {
  readonly scope: TenantScope;
  readonly after: ListPosition | undefined;
  readonly limit: number;
}

/** A page of the orders that were placed before the cut-off (bulk.B1). */
function select(
  { customerOrders }: BulkPorts,
  { scope, filter, cutOff, after, limit }: Selection,
): Promise<readonly CustomerOrder[]> {
  const { toIso: until = cutOff } = filter;
  const toIso = until < cutOff ? until : cutOff;
  return customerOrders.listOfTenant(scope, { ...filter, toIso, after, limit });
}
