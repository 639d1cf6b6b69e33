// Routes for operators who look into the dead letters of queues and send them back, and for the audit of it.
import { z } from 'zod';
import { redactedJson } from '../domain/redaction';
import {
  causeOf,
  groupLetters,
  letterActions,
  listLetters,
  redriveLetters,
  textOfBody,
  type LetterPorts,
} from '../operations/dead-letters';
import { toCursor } from '../queries/cursor';
import { invocationLog } from '../telemetry/invocation-log';
import { cursorPosition, HttpProblem, invalid, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import type { LETTER_QUEUES } from './routes/dead-letter-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export function registerDeadLetters(ports: LetterPorts, register: RegisterRoute): void {
  register(ROUTES.ListDeadLetters, (call) => list(ports, call));
  register(ROUTES.GroupDeadLetters, async ({ query, scope }) => {
    const letters = await listLetters(ports, scope, nameOf(ports, query.queue));
    return { status: 200 as const, jsonBody: groupLetters(letters) };
  });
  register(ROUTES.RedriveDeadLetters, (call) => redrive(ports, call));
  register(ROUTES.ListOperatorActs, async ({ query, scope }) => ({
    status: 200 as const,
    jsonBody: await ports.audit.list(scope, query.limit),
  }));
}

/** The queue that a setting names. */
function nameOf({ queues }: LetterPorts, queue: (typeof LETTER_QUEUES)[number]): string {
  return queue === 'orders' ? queues.orders : queues.notifications;
}

type List = typeof ROUTES.ListDeadLetters;

/** Where the next page begins. */
const letterPosition = z.strictObject({ from: z.string().regex(/^\d{1,19}$/) });

async function list(
  ports: LetterPorts,
  { query: given, request, scope, base }: Call<List>,
): Promise<AnswerOf<List>> {
  const { queue, cursor, limit } = given;
  const query = { list: 'dead-letters', queue, scope };
  const from = cursorPosition(query, cursor, letterPosition)?.from;
  const found = await listLetters(ports, scope, nameOf(ports, queue), from, limit + 1);
  const jsonBody = found.slice(0, limit).map((letter) => {
    const { sequenceNumber, messageId, enqueuedAt, deliveryCount, reason, description, redriveCount } =
      letter;
    const told = { sequenceNumber, messageId, enqueuedAt, deliveryCount, reason, description, redriveCount };
    const allowed = letterActions(letter);
    const body = redactedJson(textOfBody(letter.body));
    return { ...told, cause: causeOf(letter), body, allowedActions: allowed };
  });
  const beyond = found[limit];
  if (beyond === undefined) return { status: 200, jsonBody };
  const next = toCursor(query, { from: beyond.sequenceNumber });
  return { status: 200, jsonBody, headers: nextPage(`${base}/ops/dead-letters`, request.url, next) };
}

type Redrive = typeof ROUTES.RedriveDeadLetters;

async function redrive(
  ports: LetterPorts,
  { body, scope, operator, context, correlationId }: Call<Redrive>,
): Promise<AnswerOf<Redrive>> {
  const { all: _, ...asked } = body;
  const queue = nameOf(ports, body.queue);
  const result = await redriveLetters(ports, { ...asked, queue, operator, scope });
  switch (result.kind) {
    case 'invalidBody':
      throw invalid(result.errors.map(({ path, message }) => ({ path: `body.${path}`, message })));
    case 'severalForOneBody':
      throw new HttpProblem('VALIDATION_FAILED', 'One body is for one letter: name it in `sequenceNumbers`', [
        { path: 'sequenceNumbers', message: 'must name one letter where `body` is given' },
      ]);
    case 'done': {
      const moved = result.letters.filter(({ outcome }) => outcome === 'moved').length;
      const chosen = result.letters.length;
      invocationLog(context).info('dead letters redriven', { operator, correlationId, queue, moved, chosen });
      return { status: 200, jsonBody: result.letters };
    }
  }
}
