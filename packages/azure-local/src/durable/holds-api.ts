// Routes for the control API of the durable engine, `/_lookalike/holds` beside the functions: which episodes are held
// (episode-holds.ts). Like the control APIs of the look-alikes it asks for no key.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readJson, type JsonBody } from '../kit/read-json';
import type { EpisodeHolds } from './episode-holds';
import { json, message, type Reply } from './reply';

export const HOLDS_PATH = '/_lookalike/holds';

const USAGE =
  'The rules for held episodes are a list of { "contains": ["…"], "event": 1, "moment": "before" | "sent" | "after" }';

const RULES_BYTES_AT_MOST = 1024 * 1024;

/** The handler for `HOLDS_PATH`: GET lists the rules in force, PUT replaces them. */
export function createHoldsApi(
  holds: EpisodeHolds,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { status, body } = await answer(holds, request);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
  };
}

async function answer(holds: EpisodeHolds, request: IncomingMessage): Promise<Reply> {
  switch (request.method) {
    case 'GET':
      return json(200, holds.list());
    case 'PUT':
      return replace(holds, await readJson(request, RULES_BYTES_AT_MOST));
    default:
      return message(404, `The host has GET ${HOLDS_PATH} and PUT ${HOLDS_PATH}.`);
  }
}

function replace(holds: EpisodeHolds, body: JsonBody): Reply {
  if (body.kind === 'tooLarge') return message(413, `The rules may have ${RULES_BYTES_AT_MOST} bytes.`);
  if (body.kind !== 'json') return message(400, USAGE, body.kind === 'notJson' ? body.problem : undefined);
  try {
    holds.replace(body.value);
    return json(200, holds.list());
  } catch (error) {
    return message(400, USAGE, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}
