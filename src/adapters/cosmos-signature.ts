// Signatures of requests to Cosmos DB by an account's key: the SDK's option `tokenProvider`. A signature is for one resource
// and one second, and most requests of a second are to the same few resources; the SDK makes one for each request, which is a
// tenth of what a request costs.
import { createHmac } from 'node:crypto';

/** What is signed of a request, as the SDK tells it; `resourceId` is missing where the account itself is asked. */
interface Signed {
  readonly verb: string;
  readonly resourceType: string;
  readonly resourceId?: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Tokens by the base64 `key` of an account, as the service documents them for a master key. */
export function createSignatures(key: string): (request: Signed) => Promise<string> {
  const bytes = Buffer.from(key, 'base64');
  let second: unknown;
  let tokens = new Map<string, Promise<string>>();
  return ({ verb, resourceType, resourceId = '', headers }) => {
    const date = headers['x-ms-date'];
    if (date !== second) {
      second = date;
      tokens = new Map();
    }
    const signed = `${verb.toLowerCase()}\n${resourceType}\n${resourceId}\n${String(date).toLowerCase()}\n\n`;
    let token = tokens.get(signed);
    if (token === undefined) {
      const signature = createHmac('sha256', bytes).update(signed).digest('base64');
      token = Promise.resolve(`type=master&ver=1.0&sig=${signature}`);
      tokens.set(signed, token);
    }
    return token;
  };
}
