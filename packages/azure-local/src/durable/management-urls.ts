// URLs of the management API, and the client binding that carries them into the app.
import type { DurableClientBinding } from './contract';

/** Where the function host mounts the management API. */
export const MANAGEMENT_PATH = '/runtime/webhooks/durabletask';

/**
 * A path segment before which the SDK's own calls arrive: `rpcBaseUrl` of the binding. They carry no `code`, so the key
 * is part of the path.
 */
export const RPC_SEGMENT = 'rpc';

export interface UrlFacts {
  /** Scheme, host and port, no path: `http://127.0.0.1:7071`. */
  readonly origin: string;
  readonly hubName: string;
  /** The system key that calls must carry; undefined when none is asked for. */
  readonly systemKey?: string | undefined;
}

/** The name the extension gives to its storage connection; clients send it back in every URL. */
export const CONNECTION_NAME = 'Storage';

const code = ({ systemKey }: UrlFacts): string => (systemKey === undefined ? '' : `code=${systemKey}`);

/** The links of one instance, as a start answers with them (`rewindPostUri` only in the binding: recorded). */
export function instanceUrls(facts: UrlFacts, id: string): Record<string, string> {
  const { id: named, rewindPostUri, ...links } = allInstanceUrls(facts, encodeURIComponent(id));
  return { id, ...links };
}

function allInstanceUrls(facts: UrlFacts, id: string) {
  const base = `${facts.origin}${MANAGEMENT_PATH}/instances/${id}`;
  const query = [`taskHub=${facts.hubName}`, `connection=${CONNECTION_NAME}`, code(facts)]
    .filter((part) => part !== '')
    .join('&');
  const withReason = (operation: string): string => `${base}/${operation}?reason={text}&${query}`;
  return {
    id,
    statusQueryGetUri: `${base}?${query}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: withReason('terminate'),
    rewindPostUri: withReason('rewind'),
    purgeHistoryDeleteUri: `${base}?${query}`,
    restartPostUri: `${base}/restart?${query}`,
    suspendPostUri: withReason('suspend'),
    resumePostUri: withReason('resume'),
  };
}

/** The data of a `durableClient` input: what `df.getClient` finds its way by. */
export function durableClientBinding(
  origin: string,
  hubName: string,
  systemKey?: string,
): DurableClientBinding {
  const facts: UrlFacts = { origin, hubName, systemKey };
  const base = `${origin}${MANAGEMENT_PATH}`;
  const create = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  const required = code(facts);
  return {
    taskHubName: hubName,
    connectionName: null,
    creationUrls: {
      createNewInstancePostUri: `${create}?${required}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${required}`,
    },
    managementUrls: allInstanceUrls(facts, 'INSTANCEID'),
    baseUrl: base,
    requiredQueryStringParameters: required,
    rpcBaseUrl: systemKey === undefined ? `${base}/` : `${base}/${RPC_SEGMENT}/${systemKey}/`,
    httpBaseUrl: null,
    maxGrpcMessageSizeInBytes: null,
    grpcHttpClientTimeout: null,
  };
}
