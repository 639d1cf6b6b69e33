// Routes for the control API of the Event Grid look-alike: tests, demos and people make subscriptions with it and see
// what became of events.
import type { IncomingMessage } from 'node:http';
import { readJson } from '../kit/read-json';
import type { Journal } from '../storage/journal';
import type { Courier } from './courier';
import type { Couriers } from './couriers';
import type { DeliveryRing } from './delivery-ring';
import type { DeliveryStore } from './delivery-store';
import { MAX_BODY_BYTES, serviceError, TOO_LARGE, type Answer } from './http-json';
import { parseSubscription, TopicsError, type Subscription, type Topic } from './topics';

export interface ControlParts {
  readonly journal: Journal;
  readonly couriers: Couriers;
  readonly store: DeliveryStore;
  readonly ring: DeliveryRing;
}

const DEAD_LETTERS_SHOWN = 1_000;

/** Answers a request below `/control`; `path` is its segments after that. */
export function control(
  request: IncomingMessage,
  path: readonly string[],
  parts: ControlParts,
): Promise<Answer | undefined> {
  const { journal, couriers, store, ring } = parts;
  const [collection = '', topicName, name, ...rest] = path;
  const isGet = request.method === 'GET';
  if (collection === 'subscriptions' && topicName !== undefined && name !== undefined && rest.length === 0)
    return subscriptionRoute(request, topicName, name, couriers);
  switch (isGet && topicName === undefined ? collection : '') {
    case 'health':
      return ok({ status: 'ok' });
    case 'subscriptions':
      return ok(couriers.list().map(describe));
    case 'deadletters':
      return journal.read(() => ({ status: 200, body: store.deadLetters(DEAD_LETTERS_SHOWN) }));
    case 'deliveries':
      return journal.read(() => ({ status: 200, body: { pending: store.pending(), attempts: ring.list() } }));
    default:
      return Promise.resolve(
        serviceError(
          404,
          'NotFound',
          'There are GET /control/subscriptions, /control/deadletters, /control/deliveries, /control/health, and GET and PUT /control/subscriptions/{topic}/{name}.',
        ),
      );
  }
}

async function subscriptionRoute(
  request: IncomingMessage,
  topicName: string,
  name: string,
  couriers: Couriers,
): Promise<Answer | undefined> {
  const topic = couriers.topic(topicName);
  if (topic === undefined) return serviceError(404, 'NotFound', `There is no topic ${topicName}.`);
  if (request.method === 'PUT') return putSubscription(request, topic, name, couriers);
  const found = couriers
    .list(topic.name)
    .find(({ subscription }) => subscription.name.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    return serviceError(404, 'NotFound', `Topic ${topic.name} has no subscription ${name}.`);
  return ok(describe(found));
}

async function putSubscription(
  request: IncomingMessage,
  topic: Topic,
  name: string,
  couriers: Couriers,
): Promise<Answer | undefined> {
  const body = await readJson(request, MAX_BODY_BYTES);
  if (body.kind === 'gone') return undefined;
  if (body.kind === 'tooLarge') return TOO_LARGE;
  if (body.kind !== 'json' || typeof body.value !== 'object')
    return serviceError(400, 'InvalidRequest', 'The body must be the definition of a subscription, as JSON.');
  let subscription: Subscription;
  try {
    subscription = parseSubscription(
      { ...body.value, name },
      topic.inputSchema,
      `Event Grid topic ${topic.name}`,
    );
  } catch (error) {
    if (!(error instanceof TopicsError)) throw error;
    return serviceError(400, 'InvalidRequest', error.message);
  }
  const problem = await couriers.put(topic, subscription);
  if (problem !== undefined) return serviceError(400, 'Url validation', problem);
  return { status: 200, body: { topic: topic.name, ...subscription } };
}

function describe({ address: { topic }, subscription }: Courier): object {
  return { topic, ...subscription };
}

function ok(body: unknown): Promise<Answer> {
  return Promise.resolve({ status: 200, body });
}
