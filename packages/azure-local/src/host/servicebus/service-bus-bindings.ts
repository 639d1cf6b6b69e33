// Parser of `serviceBusTrigger` and `serviceBus` bindings, with connections looked up in the app settings. It connects
// to nothing.
import type { Binding } from '../core-types';
import { HostStartError } from '../errors';
import type { HostedFunction } from '../hosted-function';
import { findSetting, type Environment } from '../settings';
import type { ServiceBusOptions } from './service-bus-options';

/** Where messages come from or go to. */
export interface ServiceBusEntity {
  readonly connectionString: string;
  /** Queue or topic. */
  readonly path: string;
  readonly subscription: string | undefined;
  /** For people: `queue orders`, `subscription audit of topic events`. */
  readonly label: string;
}

export interface ServiceBusFunction {
  readonly fn: HostedFunction;
  readonly entity: ServiceBusEntity;
  readonly isBatch: boolean;
  readonly hasSessions: boolean;
  readonly isAutoComplete: boolean;
  /** What the handler gets: the messages with their settlement actions, or their bodies. */
  readonly dataType: 'message' | 'text' | 'bytes';
}

/** @throws HostStartError naming function, option and remedy. */
export function readTrigger(
  fn: HostedFunction,
  { autoCompleteMessages }: ServiceBusOptions,
  environment: Environment,
): ServiceBusFunction {
  const { name, trigger } = fn;
  const { autoCompleteMessages: own, dataType, isSessionsEnabled, cardinality } = trigger;
  const { supportsDeferredBinding } = (trigger['properties'] ?? {}) as { supportsDeferredBinding?: unknown };
  return {
    fn,
    entity: readEntity(name, trigger, environment, true),
    isBatch: textOf(cardinality).toLowerCase() === 'many',
    hasSessions: isTrue(isSessionsEnabled),
    isAutoComplete: own === undefined ? autoCompleteMessages : isTrue(own),
    dataType: isTrue(supportsDeferredBinding)
      ? 'message'
      : /^(binary|stream)$/i.test(textOf(dataType))
        ? 'bytes'
        : 'text',
  };
}

/** @throws HostStartError naming function, option and remedy. */
export function readOutput(
  functionName: string,
  binding: Binding,
  environment: Environment,
): ServiceBusEntity {
  return readEntity(functionName, binding, environment, false);
}

function readEntity(
  functionName: string,
  { queueName, topicName, subscriptionName, connection }: Binding,
  environment: Environment,
  isTrigger: boolean,
): ServiceBusEntity {
  const queue = textOf(queueName);
  const topic = textOf(topicName);
  const subscription = isTrigger ? textOf(subscriptionName) : '';
  if ((queue === '') === (topic === '') || (isTrigger && (topic === '') !== (subscription === ''))) {
    const wanted = isTrigger ? 'topicName with subscriptionName' : 'topicName';
    throw new HostStartError(
      `Function ${functionName} has a Service Bus binding that must name one queue or topic: give it queueName, or ${wanted}.`,
    );
  }
  return {
    connectionString: readConnection(functionName, textOf(connection), environment),
    path: queue + topic,
    subscription: subscription === '' ? undefined : subscription,
    label:
      queue !== ''
        ? `queue ${queue}`
        : subscription === ''
          ? `topic ${topic}`
          : `subscription ${subscription} of topic ${topic}`,
  };
}

/** The platform looks for `AzureWebJobs<name>` first, then for `<name>`; without a name for `ServiceBus`. */
function readConnection(functionName: string, connection: string, environment: Environment): string {
  if (/^Endpoint=/i.test(connection)) {
    throw new HostStartError(
      `"connection" of function ${functionName} is a connection string. It is the name of a setting that holds one: ` +
        'set ServiceBusConnection=<the string> and write connection: "ServiceBusConnection".',
    );
  }
  const name = connection === '' ? 'ServiceBus' : connection;
  const connectionString = findSetting(environment, `AzureWebJobs${name}`) ?? findSetting(environment, name);
  if (connectionString !== undefined && connectionString !== '') return connectionString;
  if (findSetting(environment, `${name}__fullyQualifiedNamespace`) !== undefined) {
    throw new HostStartError(
      `Function ${functionName} connects to Service Bus with a managed identity (${name}__fullyQualifiedNamespace), which ` +
        `is not simulated by the local host: there is no identity here. Set ${name} to a connection string, ` +
        `or switch the function off with AzureWebJobs.${functionName}.Disabled=true.`,
    );
  }
  throw new HostStartError(
    `"connection" of function ${functionName} is "${name}", but there is no setting ${name}. Set it to a Service Bus ` +
      `connection string in local.settings.json ("Values") or with --set ${name}=<value>.`,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}
