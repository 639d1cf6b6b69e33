// Output binding `eventGrid`: publishes the events that functions put into it. The SDK is loaded with the first one.
import type { EventGridPublisherClient } from '@azure/eventgrid';
import type { Binding } from '../core-types';
import { HostStartError, notSimulated } from '../errors';
import type { OutputKind } from '../output-kind';
import { toObjects, type OutputObject } from '../output-objects';
import { findSetting, type Environment } from '../settings';

interface TopicAddress {
  readonly endpoint: string;
  readonly key: string;
}

/** Sends events as they are; the topic checks them. */
type Publisher = EventGridPublisherClient<'Custom'>;

/** A topic that is away fails the function soon enough for its caller to hear of it. */
const RETRIES = { maxRetries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 } as const;
const REQUIRED = ['id', 'subject', 'eventType', 'eventTime'];

/** The kind of `output.eventGrid`: events of the Event Grid schema; one request for each value. */
export function eventGridOutput({ environment }: { readonly environment: Environment }): OutputKind {
  return {
    type: 'eventGrid',
    bind(functionName, binding) {
      const address = readAddress(functionName, binding, environment);
      let publisher: Promise<Publisher> | undefined;
      return async (data) => {
        const events = toObjects(data, 'event');
        events.forEach(check);
        if (events.length > 0) await (await (publisher ??= connect(address))).send([...events]);
      };
    },
    // Its connections are the SDK's, which ends them with the process.
    close: () => Promise.resolve(),
  };
}

async function connect({ endpoint, key }: TopicAddress): Promise<Publisher> {
  const { EventGridPublisherClient, AzureKeyCredential } = await import('@azure/eventgrid');
  return new EventGridPublisherClient(endpoint, 'Custom', new AzureKeyCredential(key), {
    allowInsecureConnection: endpoint.startsWith('http:'),
    retryOptions: RETRIES,
  });
}

/** @throws HostStartError naming function, option and remedy. */
function readAddress(functionName: string, binding: Binding, environment: Environment): TopicAddress {
  if (typeof binding['connection'] === 'string')
    throw notSimulated(
      `An Event Grid output by identity (connection: "${binding['connection']}")`,
      functionName,
    );
  const settingOf = (option: string): string => {
    const name = binding[option];
    const value = typeof name === 'string' ? findSetting(environment, name) : undefined;
    if (value !== undefined && value !== '') return value;
    throw new HostStartError(
      typeof name === 'string'
        ? `${option} of function ${functionName} is "${name}", but there is no setting ${name}. ` +
            `It is the name of a setting: set it in local.settings.json ("Values") or with --set ${name}=<value>.`
        : `The Event Grid output of function ${functionName} has no ${option}: it is the name of a setting. Add it to output.eventGrid(…).`,
    );
  };
  const endpoint = settingOf('topicEndpointUri');
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    throw new HostStartError(
      `The setting behind topicEndpointUri of function ${functionName} is "${endpoint}": it takes a URL such as ` +
        'http://127.0.0.1:7073/<topic>/api/events.',
    );
  return { endpoint, key: settingOf('topicKeySetting') };
}

function check(event: OutputObject): void {
  if (event['specversion'] !== undefined)
    throw new Error(
      'A CloudEvent in an eventGrid output is not simulated by the local host; put an event of the Event Grid schema into it.',
    );
  const missing = REQUIRED.filter((name) => typeof event[name] !== 'string');
  if (missing.length > 0)
    throw new Error(`The event in the eventGrid output has no ${missing.join(', ')}; each must be a text.`);
}
