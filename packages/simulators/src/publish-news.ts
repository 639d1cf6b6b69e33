// Publisher of stock changes to an Event Grid topic, by its HTTP API and the topic's key.
import type { PublishNews } from './stock-news';

const TIMEOUT_MS = 10_000;

/** `endpoint` is the topic's, such as `http://127.0.0.1:7073/inventory-events/api/events`. */
export function publishToTopic(endpoint: string, key: string): PublishNews {
  const url = `${endpoint}?api-version=2018-01-01`;
  const headers = { 'content-type': 'application/json', 'aeg-sas-key': key };
  return async (news, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(news),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the topic answered ${response.status}: ${text.slice(0, 300)}`);
  };
}
