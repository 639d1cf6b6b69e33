// Tokens of the managed identity of a container app, from the endpoint that the platform names in the environment.
import { z } from 'zod';
import type { Clock } from 'azure-local/kit/clock';

/** Gives a token that is valid for some minutes yet. Rejects while the platform gives none. */
export type AccessTokens = (signal: AbortSignal) => Promise<string>;

export interface IdentityEnvironment {
  readonly IDENTITY_ENDPOINT?: string | undefined;
  readonly IDENTITY_HEADER?: string | undefined;
  readonly AZURE_CLIENT_ID?: string | undefined;
}

const RESOURCE = 'https://eventgrid.azure.net';
const TIMEOUT_MS = 10_000;
/** A token is asked for anew this long before it ends. */
const EARLY_MS = 300_000;

const answer = z.object({ access_token: z.string().min(1), expires_on: z.coerce.number() });

/** Tokens for Event Grid; each is kept until shortly before it ends. */
export function identityTokens(environment: IdentityEnvironment, clock: Clock): AccessTokens {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header, AZURE_CLIENT_ID: clientId } = environment;
  if (!endpoint || !header || !clientId)
    throw new Error(
      'IDENTITY_ENDPOINT, IDENTITY_HEADER and AZURE_CLIENT_ID are needed to send to a topic: the platform gives the first two to a container with an identity, infra/simulators.bicep the third.',
    );
  const query = new URLSearchParams({
    resource: RESOURCE,
    client_id: clientId,
    'api-version': '2019-08-01',
  });
  let held: { readonly token: string; readonly endsMs: number } | undefined;
  return async (signal) => {
    if (held !== undefined && clock.now() < held.endsMs - EARLY_MS) return held.token;
    const response = await fetch(`${endpoint}?${query.toString()}`, {
      headers: { 'x-identity-header': header },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the identity endpoint answered ${response.status}: ${text.slice(0, 300)}`);
    const { access_token: token, expires_on: endsSeconds } = answer.parse(JSON.parse(text));
    held = { token, endsMs: endsSeconds * 1_000 };
    return token;
  };
}
