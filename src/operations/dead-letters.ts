// Operations on dead letters: list them, group them by cause, send them back to their queue, changed or as they are.
//
// operations.L1  What goes back is on record first, with what it was before: a crash leaves an act too many, never one
//   too few.
// operations.L2  What has come back several times is not sent again as it is.
// operations.L3  A changed body is checked with what its redactions stand for (restored-body.ts).
import { allowedActions, type AllowedAction } from '../commands/order-actions';
import { toOrderRequest, orderBody } from '../commands/order-request';
import { orderIdFor } from '../commands/place-order';
import { DEFAULT_TENANT, type TenantScope } from '../domain/scope';
import type { Audit } from '../ports/audit';
import { toIso, type Clock } from '../ports/clock';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters';
import type { InboundBody } from '../ports/inbound-message';
import { validate, type FieldError } from '../validation';
import { restoredBody } from './restored-body';

/** The queues that the app reads, by what their messages are. */
export interface LetterQueues {
  readonly orders: string;
  readonly notifications: string;
}

export interface LetterPorts {
  readonly letters: DeadLetters;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly queues: LetterQueues;
}

/** How often a letter is sent back as it is; after that it has to be changed. */
const MAX_REDRIVES = 3;
export const LETTER_ACTIONS = ['redrive', 'editAndRedrive'] as const;
export type LetterAction = (typeof LETTER_ACTIONS)[number];

/** Why the action is refused for the letter; undefined when it is not. */
function letterRefusal(
  action: LetterAction,
  { redriveCount }: Pick<DeadLetter, 'redriveCount'>,
): { readonly why: string } | undefined {
  return action === 'redrive' && redriveCount >= MAX_REDRIVES
    ? { why: `it has come back ${redriveCount} times: change it` }
    : undefined;
}

/** What can be done with the letter: redriving asks the same (S18). */
export function letterActions(
  letter: Pick<DeadLetter, 'redriveCount'>,
): readonly AllowedAction<LetterAction>[] {
  return allowedActions(LETTER_ACTIONS, (action) => letterRefusal(action, letter));
}

/** How many letters one look goes through. */
const MAX_LOOKED_AT = 5_000;

/** The letters of the tenant, oldest first. */
export async function listLetters(
  { letters }: LetterPorts,
  scope: TenantScope,
  queue: string,
  from?: string,
  limit = MAX_LOOKED_AT,
): Promise<readonly DeadLetter[]> {
  return (await letters.list(queue, from, limit)).filter(
    (letter) => tenantOfLetter(letter) === scope.tenantId,
  );
}

/** Whoever sends no tenant means the one that there is without any. */
function tenantOfLetter({ tenantId }: DeadLetter): string {
  return tenantId ?? DEFAULT_TENANT.tenantId;
}

export interface LetterGroup {
  readonly cause: string;
  readonly count: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** The sequence number of one of them. */
  readonly example: string;
}

/** What letters have in common: the reason, and the description without what differs from letter to letter. */
export function causeOf({ reason, description }: Pick<DeadLetter, 'reason' | 'description'>): string {
  const common = description
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '…')
    .replace(/"[^"]*"|'[^']*'/g, '…')
    .replace(/\d+/g, '…')
    .slice(0, 300);
  return common === '' ? reason : `${reason}: ${common}`;
}

/** The groups of the letters by cause, largest first. */
export function groupLetters(letters: readonly DeadLetter[]): readonly LetterGroup[] {
  const groups = new Map<string, readonly DeadLetter[]>();
  for (const letter of letters) {
    const cause = causeOf(letter);
    groups.set(cause, [...(groups.get(cause) ?? []), letter]);
  }
  return [...groups]
    .map(([cause, own]) => {
      const times = own.map(({ enqueuedAt }) => enqueuedAt).sort();
      return {
        ...{ cause, count: own.length, firstAt: times[0] ?? '', lastAt: times.at(-1) ?? '' },
        example: own[0]?.sequenceNumber ?? '',
      };
    })
    .sort((a, b) => b.count - a.count);
}

export interface RedriveRequest {
  readonly scope: TenantScope;
  readonly queue: string;
  /** Which letters: by number, by cause, or all that lie there now. */
  readonly sequenceNumbers?: readonly string[] | undefined;
  readonly cause?: string | undefined;
  /** In the place of the body of one letter. */
  readonly body?: unknown;
  readonly operator: string;
  readonly reason: string;
  /** Only says what would be done. */
  readonly dryRun: boolean;
}

export interface RedrivenLetter {
  readonly sequenceNumber: string;
  readonly messageId: string;
  /** `tooOften`: it has come back so often that it has to be changed. `gone`: it lies there no more. */
  readonly outcome: 'moved' | 'wouldMove' | 'tooOften' | 'gone';
  /** The order that it becomes if it is taken now; null for a message that is none. */
  readonly orderId: string | null;
}

export type Redriven =
  | { readonly kind: 'done'; readonly letters: readonly RedrivenLetter[] }
  | { readonly kind: 'invalidBody'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'severalForOneBody' };

/** Sends letters back to their queue. */
export async function redriveLetters(ports: LetterPorts, request: RedriveRequest): Promise<Redriven> {
  const { scope, queue, body, dryRun } = request;
  const chosen = (await listLetters(ports, scope, queue)).filter((letter) => isChosen(request, letter));
  if (body !== undefined && chosen.length > 1) return { kind: 'severalForOneBody' };
  const edited = body === undefined ? undefined : editedBody(ports, queue, body, chosen[0]);
  if (edited !== undefined && edited.errors.length > 0) return { kind: 'invalidBody', errors: edited.errors };
  const text = edited === undefined ? undefined : JSON.stringify(edited.body);
  const action = text === undefined ? 'redrive' : 'editAndRedrive';
  const going = chosen.filter((letter) => letterRefusal(action, letter) === undefined);
  const moved = dryRun ? new Map<string, 'moved' | 'gone'>() : await send(ports, request, going, text);
  return {
    kind: 'done',
    letters: chosen.map((letter) => {
      const { sequenceNumber, messageId, key } = letter;
      const outcome = !going.includes(letter)
        ? 'tooOften'
        : dryRun
          ? 'wouldMove'
          : (moved.get(sequenceNumber) ?? 'gone');
      const orderId = queue === ports.queues.orders ? orderIdFor(scope, key) : null;
      return { sequenceNumber, messageId, outcome, orderId };
    }),
  };
}

function isChosen({ sequenceNumbers, cause }: RedriveRequest, letter: DeadLetter): boolean {
  return (
    (sequenceNumbers?.includes(letter.sequenceNumber) ?? true) &&
    (cause === undefined || causeOf(letter) === cause)
  );
}

/** operations.L1. */
async function send(
  { letters, audit, clock }: LetterPorts,
  { scope, queue, operator, reason }: RedriveRequest,
  going: readonly DeadLetter[],
  text: string | undefined,
): Promise<ReadonlyMap<string, 'moved' | 'gone'>> {
  for (const { key, redriveCount, body } of going) {
    await audit.record(scope, {
      id: `${queue}:${Buffer.from(key).toString('base64url')}:${redriveCount + 1}`,
      subject: `dead-letters:${queue}`,
      at: toIso(clock.nowMs()),
      actor: operator,
      action: text === undefined ? 'redrive' : 'edit and redrive',
      reason,
      before: textOfBody(body),
      after: text ?? null,
    });
  }
  if (going.length === 0) return new Map();
  const numbers = going.map(({ sequenceNumber }) => sequenceNumber);
  return letters.redrive(queue, numbers, () => text);
}

/** The body that goes in the place of the letter's, which may not be there any more, and what is wrong with it. */
function editedBody(
  ports: LetterPorts,
  queue: string,
  given: unknown,
  letter: DeadLetter | undefined,
): { readonly body: unknown; readonly errors: readonly FieldError[] } {
  const result = restoredBody(given, letter && textOfBody(letter.body));
  if (result.kind === 'nothingThere') return { body: given, errors: result.errors };
  return { body: result.body, errors: bodyErrors(ports, queue, result.body) };
}

/** What the queue's reader would say of it. */
function bodyErrors({ queues }: LetterPorts, queue: string, body: unknown): readonly FieldError[] {
  if (queue !== queues.orders) return [];
  const parsed = validate(orderBody, body);
  if (parsed.kind === 'invalid') return parsed.errors;
  const order = toOrderRequest(parsed.value);
  return order.kind === 'invalid' ? order.errors : [];
}

/** A body as a person reads it. */
export function textOfBody(body: InboundBody): string {
  switch (body.kind) {
    case 'text':
      return body.text;
    case 'value':
      return JSON.stringify(body.value);
    case 'bytes':
      return new TextDecoder().decode(body.bytes);
  }
}
