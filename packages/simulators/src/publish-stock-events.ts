// Publisher of events (stock, parcels) to an Event Grid topic by its HTTP API, with the topic's key or, in Azure, as an identity.
import type { AccessTokens } from './managed-identity';
import type { PublishEvents } from './grid-event';

const TIMEOUT_MS = 10_000;

/** `endpoint` is the topic's, such as `http://127.0.0.1:7073/inventory-events/api/events`. */
export function publishToTopic(endpoint: string, key: string): PublishEvents {
  return publisher(endpoint, () => Promise.resolve({ 'aeg-sas-key': key }));
}

/** As `publishToTopic`, with a token of the identity that the platform gives this program. */
export function publishAsIdentity(endpoint: string, token: AccessTokens): PublishEvents {
  return publisher(endpoint, async (signal) => ({ authorization: `Bearer ${await token(signal)}` }));
}

function publisher(
  endpoint: string,
  credential: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>,
): PublishEvents {
  const url = `${endpoint}?api-version=2018-01-01`;
  return async (news, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await credential(signal)) },
      body: JSON.stringify(news),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the topic answered ${response.status}: ${text.slice(0, 300)}`);
  };
}
