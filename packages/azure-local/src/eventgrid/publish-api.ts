// Route `POST /<topic>/api/events`: checks what publishers send as the service does, and answers when it is on disk.
import type { IncomingMessage } from 'node:http';
import type { Couriers } from './couriers';
import { parsePublished } from './event-schemas';
import { readJson } from '../kit/read-json';
import { isSameSecret } from '../kit/same-secret';
import { MAX_BODY_BYTES, serviceError, TOO_LARGE, type Answer } from './http-json';
import type { SchemaName, Topic } from './topics';

const API_VERSION = '2018-01-01';
const SCHEMA_NAMES: Readonly<Record<SchemaName, string>> = {
  EventGridSchema: 'EventGridEvent',
  CloudEventSchemaV1_0: 'CloudEventV10',
};

/** Answers one publish request; undefined when the publisher has gone. */
export async function publish(
  request: IncomingMessage,
  url: URL,
  topicName: string,
  couriers: Couriers,
): Promise<Answer | undefined> {
  // Read first: a connection whose request was refused half-way could not be used again.
  const body = await readJson(request, MAX_BODY_BYTES);
  if (body.kind === 'gone') return undefined;
  const topic = couriers.topic(topicName);
  if (topic === undefined) {
    return serviceError(
      404,
      'NotFound',
      `There is no topic ${topicName}. Add it to the topics.json that the look-alike was started with.`,
    );
  }
  const refusal = refuse(request, url, topic);
  if (refusal !== undefined) return refusal;
  switch (body.kind) {
    case 'tooLarge':
      return TOO_LARGE;
    case 'notJson':
      return badRequest(topic, body.problem);
    case 'json': {
      const parsed = parsePublished(body.value, topic.inputSchema, topic.name);
      if (parsed.kind === 'invalid') return badRequest(topic, parsed.problem);
      await couriers.accept(topic, parsed.events);
      return { status: 200 };
    }
  }
}

function refuse({ method, headers }: IncomingMessage, url: URL, topic: Topic): Answer | undefined {
  if (method !== 'POST') return serviceError(405, 'MethodNotAllowed', 'Events are sent with POST.');
  if (headers['aeg-sas-token'] !== undefined || headers.authorization !== undefined) {
    const what =
      headers.authorization === undefined ? 'A SAS token (aeg-sas-token)' : 'An identity (authorization)';
    return unauthorized(
      `${what} is not simulated by the local host; send the topic's key as aeg-sas-key (AzureKeyCredential).`,
    );
  }
  if (!isSameSecret(String(headers['aeg-sas-key']), topic.key))
    return unauthorized(
      'The request authorization key is not authorized: the header aeg-sas-key is missing or is not the key of the topic.',
    );
  if (url.searchParams.get('api-version') !== API_VERSION)
    return serviceError(400, 'BadRequest', `The query must have api-version=${API_VERSION}.`);
  if (headers['ce-id'] !== undefined || headers['ce-specversion'] !== undefined)
    return serviceError(
      400,
      'BadRequest',
      'The binary content mode of CloudEvents (ce- headers) is not simulated by the local host; send application/cloudevents+json.',
    );
  if (headers['aeg-channel-name'] !== undefined)
    return serviceError(
      400,
      'BadRequest',
      'Channels of partner topics (aeg-channel-name) are not simulated by the local host; leave channelName out.',
    );
  return undefined;
}

function unauthorized(message: string): Answer {
  return serviceError(401, 'Unauthorized', message);
}

function badRequest({ inputSchema }: Topic, problem: string): Answer {
  const message = `This resource is configured to receive event in '${SCHEMA_NAMES[inputSchema]}' schema. The JSON received does not conform to the expected schema. ${problem}`;
  return serviceError(400, 'BadRequest', message, 'InputJsonInvalid');
}
