// Handshake with an endpoint before its first event: the validation event of the Event Grid schema, or the OPTIONS
// request of CloudEvents (cloudevents/spec: http-webhook). The manual handshake by `validationUrl` is not simulated.
import { randomUUID } from 'node:crypto';
import { topicId } from './event-schemas';
import type { Subscription } from './topics';
import type { WebhookAnswer, WebhookClient } from './webhook';

/** How the service introduces itself to CloudEvents endpoints. */
export const ORIGIN = 'eventgrid.azure.net';

/** Resolves with undefined when the endpoint agrees, else with a sentence that says what it answered instead. */
export async function shakeHands(
  webhook: WebhookClient,
  topicName: string,
  subscription: Subscription,
  nowMs: number,
): Promise<string | undefined> {
  const { eventDeliverySchema, endpointUrl } = subscription;
  const problem =
    eventDeliverySchema === 'CloudEventSchemaV1_0'
      ? await askOrigin(webhook, new URL(endpointUrl))
      : await askCode(webhook, topicName, subscription, nowMs);
  return problem === undefined
    ? undefined
    : `The endpoint ${withoutQuery(endpointUrl)} did not pass the validation handshake: ${problem}`;
}

async function askOrigin(webhook: WebhookClient, url: URL): Promise<string | undefined> {
  const answer = await webhook.send(url, {
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': ORIGIN },
  });
  if (answer.kind !== 'answered' || answer.status !== 200) return `${describe(answer)} to OPTIONS.`;
  const allowed = answer.headers['webhook-allowed-origin'];
  if (allowed === '*' || allowed === ORIGIN) return undefined;
  return `it answered OPTIONS without WebHook-Allowed-Origin: ${ORIGIN} (or *).`;
}

async function askCode(
  webhook: WebhookClient,
  topicName: string,
  { name, endpointUrl }: Subscription,
  nowMs: number,
): Promise<string | undefined> {
  const validationCode = randomUUID().toUpperCase();
  const event = {
    id: randomUUID(),
    topic: topicId(topicName),
    subject: '',
    data: { validationCode },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: new Date(nowMs).toISOString(),
    metadataVersion: '1',
    dataVersion: '2',
  };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': name.toUpperCase(),
    'aeg-delivery-count': '0',
    'aeg-data-version': '2',
    'aeg-metadata-version': '1',
  };
  const answer = await webhook.send(new URL(endpointUrl), {
    method: 'POST',
    headers,
    body: JSON.stringify([event]),
  });
  if (answer.kind !== 'answered' || answer.status !== 200)
    return `${describe(answer)} to the validation event.`;
  if (echoOf(answer.text) === validationCode) return undefined;
  return 'it answered the validation event without { "validationResponse": <the validationCode of the event> }.';
}

function echoOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly validationResponse?: unknown } | null)?.validationResponse;
  } catch {
    return undefined;
  }
}

function describe(answer: WebhookAnswer): string {
  if (answer.kind === 'timedOut') return 'it gave no answer in time';
  return answer.kind === 'failed' ? `no answer (${answer.problem})` : `it answered ${answer.status}`;
}

/** A key may be in the query. */
function withoutQuery(url: string): string {
  return url.replace(/\?.*$/, '');
}
