// Fixture: the parts of the Service Bus fixture on a server that already listens, such as the official emulator. Queues
// and topics are made for one test file and deleted after it, so files that use the same names cannot run side by side.
import {
  ServiceBusAdministrationClient,
  ServiceBusClient,
  type CorrelationRuleFilter,
  type SqlRuleFilter,
} from '@azure/service-bus';
import { notThere } from './contract-target';
import { connectionString, type ServiceBus } from './servicebus-fixture';

/** Where it listens: AMQP, and the management API. */
export interface ServiceBusAddresses {
  readonly servicebus: string;
  readonly management: string;
}

/** A part of the emulator's configuration file, as the suites write it. */
interface Section {
  readonly Name: string;
  readonly Properties?: Record<string, unknown>;
  readonly Subscriptions?: readonly Section[];
  readonly Rules?: readonly Section[];
}

interface EntitiesFile {
  readonly UserConfig: {
    readonly Namespaces: readonly {
      readonly Queues?: readonly Section[];
      readonly Topics?: readonly Section[];
    }[];
  };
}

/** Connects to a Service Bus in which exactly these entities are new and empty. */
export async function connectServiceBus(
  { servicebus, management }: ServiceBusAddresses,
  entities: unknown,
): Promise<ServiceBus> {
  const administration = administer(management);
  const { Queues = [], Topics = [] } = (entities as EntitiesFile).UserConfig.Namespaces[0] ?? {};
  const removeAll = async (): Promise<void> => {
    for (const { Name } of Queues)
      if (await administration.queueExists(Name)) await administration.deleteQueue(Name);
    for (const { Name } of Topics)
      if (await administration.topicExists(Name)) await administration.deleteTopic(Name);
  };
  await removeAll();
  for (const { Name, Properties } of Queues) await administration.createQueue(Name, options(Properties));
  for (const topic of Topics) await createTopic(administration, topic);
  const client = new ServiceBusClient(connectionString(servicebus));
  return {
    client,
    connectionString: connectionString(servicebus),
    nowMs: () => Date.now(),
    get clock() {
      return notThere('manual clock');
    },
    restart: () => notThere('process to restart'),
    async close() {
      await client.close();
      await removeAll();
    },
  };
}

/** The SDK's client of the management API, which knows https only: its requests go by http. */
function administer(address: string): ServiceBusAdministrationClient {
  const client = new ServiceBusAdministrationClient(connectionString(address));
  client.pipeline.addPolicy({
    name: 'plainHttp',
    sendRequest(request, next) {
      request.url = request.url.replace('https://', 'http://');
      request.allowInsecureConnection = true;
      return next(request);
    },
  });
  return client;
}

async function createTopic(administration: ServiceBusAdministrationClient, topic: Section): Promise<void> {
  await administration.createTopic(topic.Name, options(topic.Properties));
  for (const { Name, Properties, Rules = [] } of topic.Subscriptions ?? []) {
    const [first, ...others] = Rules.map((rule) => ({ name: rule.Name, filter: filterOf(rule) }));
    await administration.createSubscription(topic.Name, Name, {
      ...options(Properties),
      ...(first !== undefined && { defaultRuleOptions: first }),
    });
    for (const { name, filter } of others) await administration.createRule(topic.Name, Name, name, filter);
  }
}

/** The names of the file begin with a capital letter, those of the SDK do not. */
const options = (properties: Record<string, unknown> = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      value,
    ]),
  );

function filterOf({ Properties = {} }: Section): SqlRuleFilter | CorrelationRuleFilter {
  const { CorrelationFilter, SqlFilter } = Properties as {
    CorrelationFilter?: Record<string, unknown>;
    SqlFilter?: { SqlExpression: string };
  };
  if (SqlFilter !== undefined) return { sqlExpression: SqlFilter.SqlExpression };
  const { label, properties, ...rest } = options(CorrelationFilter);
  return {
    ...rest,
    ...(label !== undefined && { subject: label }),
    ...(properties !== undefined && { applicationProperties: properties }),
  } as CorrelationRuleFilter;
}
