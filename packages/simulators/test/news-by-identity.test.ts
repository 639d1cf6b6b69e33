// News of stock from a container in Azure: to the topic with a token of the container's identity instead of a key.
import { createServer, type IncomingMessage } from 'node:http';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { ManualClock } from 'azure-local/kit/clock';
import { identityTokens } from '../src/managed-identity';
import { publishAsIdentity } from '../src/publish-stock-events';

const signal = new AbortController().signal;

/** A server that answers everything with `answer`, and remembers what it was asked. */
async function listening(
  answer: (request: IncomingMessage) => { readonly status: number; readonly body: string },
): Promise<{ readonly url: string; readonly asked: IncomingMessage[]; close(): void }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const { status, body } = answer(request);
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  const port = await listenOnLoopback(server, 0, 'the test', '--port');
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}

describe('news by identity', () => {
  test('brings a token for Event Grid of the identity that the environment names, and asks for it once an hour', async () => {
    const clock = new ManualClock();
    let issued = 0;
    const identity = await listening(() => {
      issued += 1;
      const expires_on = String(clock.now() / 1_000 + 3_600);
      return { status: 200, body: JSON.stringify({ access_token: `token-${issued}`, expires_on }) };
    });
    const topic = await listening(() => ({ status: 200, body: '' }));
    const tokens = identityTokens(
      { IDENTITY_ENDPOINT: `${identity.url}/msi`, IDENTITY_HEADER: 'h', AZURE_CLIENT_ID: 'client' },
      clock,
    );
    const publish = publishAsIdentity(`${topic.url}/api/events`, tokens);
    await publish([], signal);
    await publish([], signal);
    clock.advance(3_400_000);
    await publish([], signal);

    expect(topic.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
    const [first] = identity.asked;
    expect(first?.headers['x-identity-header']).toBe('h');
    expect(new URL(first?.url ?? '', 'http://x').searchParams.get('client_id')).toBe('client');
    expect(new URL(first?.url ?? '', 'http://x').searchParams.get('resource')).toBe(
      'https://eventgrid.azure.net',
    );
    for (const server of [identity, topic]) server.close();
  });

  test('rejects while there is no token, so that the news is told again', async () => {
    const identity = await listening(() => ({ status: 500, body: 'not yet' }));
    const tokens = identityTokens(
      { IDENTITY_ENDPOINT: identity.url, IDENTITY_HEADER: 'h', AZURE_CLIENT_ID: 'client' },
      new ManualClock(),
    );
    await expect(publishAsIdentity('http://127.0.0.1:1', tokens)([], signal)).rejects.toThrow(
      'answered 500: not yet',
    );
    identity.close();
  });

  test('is refused at the start where the container has no identity', () => {
    expect(() => identityTokens({}, new ManualClock())).toThrow('IDENTITY_ENDPOINT');
  });
});
