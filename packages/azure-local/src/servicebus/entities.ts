// Parser of the official emulator's configuration file: queues, topics and subscriptions. Pure; a setting that is not
// simulated is refused by its path in the file.
import type { CorrelationFilter } from './filters';
import { checkNameLength, type NamedKind } from './limits';
import { parseRules } from './rules';
import { Section } from './settings-section';

/** What a queue and a subscription have in common. */
export interface DeliveryRules {
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly defaultTimeToLiveMs: number;
  readonly deadLetteringOnMessageExpiration: boolean;
}

export interface QueueDefinition extends DeliveryRules {
  readonly name: string;
  /** How long a message id is remembered; undefined = duplicates are not looked for. */
  readonly duplicateWindowMs: number | undefined;
}

export interface SubscriptionDefinition extends DeliveryRules {
  readonly name: string;
  /** A message is taken when one of them matches; none = every message. */
  readonly rules: readonly CorrelationFilter[];
}

export interface TopicDefinition {
  readonly name: string;
  readonly defaultTimeToLiveMs: number;
  readonly duplicateWindowMs: number | undefined;
  readonly subscriptions: readonly SubscriptionDefinition[];
}

export interface Entities {
  readonly queues: readonly QueueDefinition[];
  readonly topics: readonly TopicDefinition[];
}

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** The service's own bounds; the official emulator has narrower ones (five minutes, one hour). */
const LOCK_MS = { least: 5 * SECOND_MS, most: 300 * SECOND_MS, otherwise: 60 * SECOND_MS };
const WINDOW_MS = { least: 20 * SECOND_MS, most: 7 * DAY_MS, otherwise: 600 * SECOND_MS };
const TIME_TO_LIVE_MS = { least: SECOND_MS, most: Number.MAX_SAFE_INTEGER, otherwise: 3600 * SECOND_MS };

/** Reads the emulator's `Config.json`. Throws an error that names the path of what is wrong or not simulated. */
export function parseEntities(config: unknown): Entities {
  const user = new Section(config, '').section('UserConfig');
  user.ignore('Logging');
  const namespaces = user.list('Namespaces');
  user.end();
  const [namespace, second] = namespaces;
  if (namespace === undefined) throw new Error('UserConfig.Namespaces is empty: it holds one namespace.');
  if (second !== undefined)
    throw new Error('UserConfig.Namespaces[1] is not simulated: the look-alike serves one namespace.');
  namespace.text('Name');
  const queues = namespace.list('Queues').map(queue);
  const topics = namespace.list('Topics').map(topic);
  namespace.end();
  refuseSameNames([...queues, ...topics], namespace.path);
  return { queues, topics };
}

function queue(section: Section): QueueDefinition {
  const name = entityName(section);
  const properties = section.section('Properties');
  section.end();
  const definition = { name, ...deliveryRules(properties), duplicateWindowMs: duplicateWindow(properties) };
  properties.end();
  return definition;
}

function topic(section: Section): TopicDefinition {
  const name = entityName(section);
  const properties = section.section('Properties');
  const subscriptions = section.list('Subscriptions').map(subscription);
  section.end();
  const definition = {
    name,
    defaultTimeToLiveMs: properties.durationMs('DefaultMessageTimeToLive', TIME_TO_LIVE_MS),
    duplicateWindowMs: duplicateWindow(properties),
    subscriptions,
  };
  properties.refuseTrue('EnablePartitioning');
  properties.end();
  refuseSameNames(subscriptions, section.path);
  return definition;
}

function subscription(section: Section): SubscriptionDefinition {
  const name = entityName(section, 'subscription');
  const properties = section.section('Properties');
  const rules = parseRules(section.list('Rules'));
  section.end();
  const definition = { name, ...deliveryRules(properties), rules };
  properties.end();
  return definition;
}

function deliveryRules(properties: Section): DeliveryRules {
  for (const name of ['ForwardTo', 'ForwardDeadLetteredMessagesTo']) properties.refuseText(name);
  properties.refuseTrue('EnablePartitioning');
  return {
    lockDurationMs: properties.durationMs('LockDuration', LOCK_MS),
    maxDeliveryCount: properties.integer('MaxDeliveryCount', { least: 1, most: 2000, otherwise: 10 }),
    requiresSession: properties.flag('RequiresSession'),
    defaultTimeToLiveMs: properties.durationMs('DefaultMessageTimeToLive', TIME_TO_LIVE_MS),
    deadLetteringOnMessageExpiration: properties.flag('DeadLetteringOnMessageExpiration'),
  };
}

function duplicateWindow(properties: Section): number | undefined {
  const windowMs = properties.durationMs('DuplicateDetectionHistoryTimeWindow', WINDOW_MS);
  return properties.flag('RequiresDuplicateDetection') ? windowMs : undefined;
}

function entityName(section: Section, kind: NamedKind = 'entity'): string {
  const name = section.text('Name');
  checkNameLength(name, kind, section);
  if (!/^[A-Za-z0-9](?:[\w./~-]*[A-Za-z0-9_])?$/.test(name) || /(^|\/)(subscriptions|\$)/i.test(name))
    throw new Error(
      `${section.path}.Name is '${name}': letters, digits, '.', '-', '_' and '/' make a name, without 'subscriptions/'.`,
    );
  return name;
}

function refuseSameNames(entities: readonly { readonly name: string }[], path: string): void {
  const seen = new Set<string>();
  for (const { name } of entities) {
    if (seen.has(name.toLowerCase()))
      throw new Error(`${path}: '${name}' is defined twice (names are compared without case).`);
    seen.add(name.toLowerCase());
  }
}
