// Timeline of one order: its events, steps with their attempts, waits, compensations, messages and operator acts, merged in
// time order with durations. A pure function over the stream, read from the fields that events have rather than from their
// types, so a new step, compensation or request appears without a change here.
//
// timeline.T1  A step or compensation begins when the saga recorded what came before it; a wait begins with the event that
//   opens it. What has not ended yet has no end and no duration.
// timeline.T2  Entries are in the order of their beginnings; those that begin together are in the order of their events.
import type { AuditedEvent } from './order-history';
import { isEnding, type OrderStatus } from '../domain/order-status';
import type { StepError } from '../domain/outcome';

export const TIMELINE_KINDS = ['event', 'step', 'compensation', 'wait', 'message', 'operator'] as const;
export const TIMELINE_OUTCOMES = ['done', 'failed', 'running'] as const;

export interface TimelineEntry {
  readonly kind: (typeof TIMELINE_KINDS)[number];
  /** The step, compensation, message or action, by name. */
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  readonly outcome: (typeof TIMELINE_OUTCOMES)[number];
  /** Calls that were made for it; null where nothing is called. */
  readonly attempts: number | null;
  readonly lastError: StepError | null;
  readonly actor: string;
  /** Why, for people to read. */
  readonly detail: string | null;
  /** The event that says so: the last one known, for what is running. */
  readonly sequence: number;
}

export interface OrderTimeline {
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  /** The part of it in which the order waited for its time, a person or a callback. */
  readonly waitedMs: number;
  /** The event up to which the stream was read. */
  readonly lastSequence: number;
  readonly entries: readonly TimelineEntry[];
}

interface Wait {
  /** What is waited for. */
  readonly name: string;
  /** The types of the events that end it. */
  readonly endedBy: readonly string[];
}

/** Until the time that the customer has named. */
const START: Wait = { name: 'notBefore', endedBy: ['SagaStarted', 'OrderFailed', 'OrderCancelled'] };

/** By the type of the event that opens it. */
const WAITS: Readonly<Record<string, Wait>> = {
  InterventionOpened: {
    name: 'operator',
    endedBy: ['InterventionResolved', 'OrderCompleted', 'OrderFailed', 'OrderCancelled', 'ReturnClosed'],
  },
};

function opened(wait: Wait | undefined, since: AuditedEvent): readonly (Wait & { since: AuditedEvent })[] {
  return wait === undefined ? [] : [{ ...wait, since }];
}

/** By the event that causes it: the queue to which the relay sends a message for it, besides the topic. */
const MESSAGES: Readonly<Record<string, string>> = {
  OrderFailed: 'order-failures',
  OrderCompleted: 'customer-notifications',
  OrderCancelled: 'customer-notifications',
  ReturnClosed: 'customer-notifications',
  ReturnRejected: 'customer-notifications',
};

/** The timeline that `events` give: an order's stream from its first event on, at least one. */
export function timelineOf(events: readonly AuditedEvent[]): OrderTimeline {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('a stream has a first event');
  const entries: TimelineEntry[] = [];
  let open = opened('notBefore' in first.data && first.data.notBefore !== null ? START : undefined, first);
  let savedAt = first.occurredAt;
  for (const event of events) {
    for (const wait of open.filter(({ endedBy }) => endedBy.includes(event.type)))
      entries.push(spanEntry('wait', wait.name, wait.since.occurredAt, event));
    open = [
      ...open.filter(({ endedBy }) => !endedBy.includes(event.type)),
      ...opened(WAITS[event.type], event),
    ];
    entries.push(...entriesOf(event, savedAt));
    // A cancel that comes in between is not the beginning of the step that is running.
    if (event.actor === 'saga') savedAt = event.occurredAt;
  }
  const ended = isEnding(last.statusAfter);
  for (const { name, since } of open) entries.push(runningEntry('wait', name, since, last));
  const running = ended || open.length > 0 ? undefined : currentStep(events);
  if (running !== undefined)
    entries.push(runningEntry('step', running, { ...last, occurredAt: savedAt }, last));
  const endedAt = ended
    ? (events.find(({ statusAfter }) => isEnding(statusAfter))?.occurredAt ?? null)
    : null;
  return {
    orderId: first.orderId,
    status: last.statusAfter,
    startedAt: first.occurredAt,
    endedAt,
    durationMs: endedAt === null ? null : msBetween(first.occurredAt, endedAt),
    waitedMs: sum(entries.filter(({ kind }) => kind === 'wait').map(({ durationMs }) => durationMs ?? 0)),
    lastSequence: last.sequence,
    entries: inTimeOrder(entries),
  };
}

/** What data of events may say of a step. */
interface StepData {
  readonly step?: unknown;
  readonly undoes?: unknown;
  readonly attempts?: unknown;
  readonly lastError?: StepError | null;
  readonly nextStep?: unknown;
  readonly reason?: unknown;
}

function entriesOf(event: AuditedEvent, savedAt: string): readonly TimelineEntry[] {
  const data = event.data as StepData;
  const own = isStep(data)
    ? spanEntry(data.undoes === undefined ? 'step' : 'compensation', data.step, savedAt, event)
    : { ...pointEntry(event, event.actorKind === 'operator' ? 'operator' : 'event', event.action) };
  const queue = MESSAGES[event.type];
  return queue === undefined ? [own] : [own, pointEntry(event, 'message', queue)];
}

function isStep(data: StepData): data is StepData & { readonly step: string } {
  return typeof data.step === 'string' && typeof data.attempts === 'number';
}

function pointEntry(event: AuditedEvent, kind: TimelineEntry['kind'], name: string): TimelineEntry {
  const { reason } = event.data as StepData;
  return {
    ...{ kind, name, startedAt: event.occurredAt, endedAt: event.occurredAt, durationMs: 0 },
    ...{ outcome: 'done', attempts: null, lastError: null, actor: event.actor },
    detail: typeof reason === 'string' ? reason : null,
    sequence: event.sequence,
  };
}

function spanEntry(
  kind: TimelineEntry['kind'],
  name: string,
  startedAt: string,
  event: AuditedEvent,
): TimelineEntry {
  const data = event.data as StepData;
  const isOfStep = kind !== 'wait' && isStep(data);
  return {
    ...pointEntry(event, kind, name),
    startedAt,
    durationMs: msBetween(startedAt, event.occurredAt),
    outcome: isOfStep && isFailure(data) ? 'failed' : 'done',
    attempts: isOfStep ? (data.attempts as number) : null,
    lastError: isOfStep ? (data.lastError ?? null) : null,
    detail: isOfStep && typeof data.reason === 'string' ? data.reason : null,
  };
}

/** A step that is done names the next one, and an undoing that failed says why. */
function isFailure({ undoes, nextStep, reason }: StepData): boolean {
  return undoes === undefined ? nextStep === undefined : typeof reason === 'string';
}

function runningEntry(
  kind: TimelineEntry['kind'],
  name: string,
  opener: AuditedEvent,
  last: AuditedEvent,
): TimelineEntry {
  return {
    ...pointEntry(opener, kind, name),
    endedAt: null,
    durationMs: null,
    outcome: 'running',
    detail: null,
    sequence: last.sequence,
  };
}

/** What the stream says comes next; undefined while compensating, when it does not say. */
function currentStep(events: readonly AuditedEvent[]): string | undefined {
  for (const { type, data } of [...events].reverse()) {
    if (type === 'CompensationStarted') return undefined;
    if (type === 'SagaStarted') return data.firstStep;
    const { nextStep } = data as StepData;
    if (nextStep === null) return undefined;
    if (typeof nextStep === 'string') return nextStep;
  }
  return undefined;
}

/** timeline.T2. Sorting is stable. */
function inTimeOrder(entries: readonly TimelineEntry[]): readonly TimelineEntry[] {
  return [...entries].sort((a, b) => compare(a.startedAt, b.startedAt) || a.sequence - b.sequence);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function msBetween(startIso: string, endIso: string): number {
  return Math.max(0, Date.parse(endIso) - Date.parse(startIso));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
