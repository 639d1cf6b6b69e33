// Check of a request's master-key signature, as the service makes it; server.ts calls it first.
// https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources
import { createHmac } from 'node:crypto';
import { isSameSecret } from '../kit/same-secret';
import { CosmosError } from './protocol/errors';

const ALLOWED_SKEW_MS = 15 * 60_000;
/** More than are signed within one second, the unit of a signature's date. */
const TOKENS_REMEMBERED = 256;

export interface SignedRequest {
  readonly method: string;
  /** `dbs`, `colls`, `docs`, `pkranges`, … or empty for the account. */
  readonly resourceType: string;
  /** The path of the resource, or of the parent when a feed is addressed; no slash at either end. */
  readonly resourceLink: string;
  /** What is signed in its place by a client that addresses the resource by its `_rid`; undefined when the path has none. */
  readonly ridLink?: string | undefined;
  readonly authorization: string | undefined;
  readonly date: string | undefined;
}

/**
 * A check for requests signed with `key` (base64). It throws the service's 401, or 403 when the request's date is more
 * than 15 minutes off. The date is a client's, so it is compared with the wall clock and not with the server's `Clock`.
 *
 * What is asked of one resource within one second is signed alike, as a busy client's batches are: a token that was right is
 * remembered with all that it signs, and only its date is looked at again.
 */
export function createAuthorization(key: string): (request: SignedRequest) => void {
  const secret = Buffer.from(key, 'base64');
  const right = new Map<string, SignedRequest>();
  const timeOf = rememberedTime();
  return (request) => {
    const { authorization, date } = request;
    if (authorization === undefined || date === undefined)
      throw new CosmosError(
        401,
        'Required Header authorization or x-ms-date is missing. Ensure both are passed.',
      );
    const known = right.get(authorization);
    if (known === undefined || !isSignedAlike(known, request)) {
      checkToken(secret, request, { authorization, date });
      if (right.size >= TOKENS_REMEMBERED) right.clear();
      right.set(authorization, request);
    }
    if (!(Math.abs(Date.now() - timeOf(date)) < ALLOWED_SKEW_MS))
      throw new CosmosError(
        403,
        `The authorization token is not valid at the current time: x-ms-date is '${date}', the server's time is ${new Date().toUTCString()}.`,
      );
  };
}

/** Whether a token that is right for the one is right for the other. */
const isSignedAlike = (one: SignedRequest, other: SignedRequest): boolean =>
  one.date === other.date &&
  one.resourceLink === other.resourceLink &&
  one.method === other.method &&
  one.resourceType === other.resourceType &&
  one.ridLink === other.ridLink;

/** The time that a date names; the last one is remembered, as requests of one second have the same. */
function rememberedTime(): (date: string) => number {
  let last = '';
  let ms = Number.NaN;
  return (date) => {
    if (date !== last) [last, ms] = [date, Date.parse(date)];
    return ms;
  };
}

/** Throws the service's 401 for a token that does not sign the request. */
function checkToken(
  secret: Buffer,
  request: SignedRequest,
  { authorization, date }: { readonly authorization: string; readonly date: string },
): void {
  const token = decoded(authorization);
  if (!token.startsWith('type=master&'))
    throw new CosmosError(
      401,
      'The local Cosmos DB look-alike takes the master key only: resource tokens and Microsoft Entra ID are not simulated.',
    );
  const payloadFor = (link: string): string =>
    `${request.method.toLowerCase()}\n${request.resourceType}\n${link}\n${date.toLowerCase()}\n\n`;
  const signs = (payload: string): boolean =>
    isSameSecret(
      token,
      `type=master&ver=1.0&sig=${createHmac('sha256', secret).update(payload).digest('base64')}`,
    );
  const payload = payloadFor(request.resourceLink);
  if (!signs(payload) && (request.ridLink === undefined || !signs(payloadFor(request.ridLink))))
    throw new CosmosError(
      401,
      "The input authorization token can't serve the request. The wrong key is being used or the expected payload " +
        `is not built as per the protocol. Server used the following payload to sign: '${payload}'`,
    );
}

/** A malformed escape stands as it is: such a token is none, and is refused as the wrong one it is. */
function decoded(authorization: string): string {
  try {
    return decodeURIComponent(authorization);
  } catch {
    return authorization;
  }
}
