// Target: the Cosmos DB look-alike over HTTP, signed as the service asks: documents, batches, patches, queries, feeds,
// headers. It works in a database of its own, so that the orders' database can be compared at the end.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { CosmosClient } from '@azure/cosmos';
import { parseResource } from 'azure-local/cosmos/message';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { byteEdits } from '../input/byte-edits';
import { ORDERED_PATHS } from '../input/cosmos-bodies';
import { cosmosCalls, FUZZ_DATABASE } from '../input/cosmos-calls';
import { oddHeaders } from '../input/headers';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { parseJson } from '../wire/app-answer';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange, type Exchanged } from '../wire/raw-http';

interface CosmosInput extends HttpInput {
  /** `Authorization` is computed when the input is sent; otherwise it is this. */
  readonly authorization: string | undefined;
}

const inputs: fc.Arbitrary<CosmosInput> = fc
  .record({
    call: cosmosCalls,
    authorization: fc.oneof(
      { weight: 15, arbitrary: fc.constant(undefined) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('', '%', 'x', 'type%3Dmaster%26ver%3D1.0%26sig%3Dx', '%ff', 'Bearer x'),
      },
    ),
    more: oddHeaders,
    bodyEdits: byteEdits(true),
  })
  .map(({ call: { body, ...rest }, authorization, more, bodyEdits }) => ({
    ...rest,
    headers: [...rest.headers, ...more],
    body: body === undefined ? '' : JSON.stringify(body),
    authorization,
    bodyEdits,
    // A damaged request line could be about the orders.
    wireEdits: [],
  }));

/** Makes the target's own database. */
export async function openCosmosTarget(origin: string, tally: Tally): Promise<Target> {
  const client = new CosmosClient({ endpoint: origin, key: EMULATOR_KEY });
  const { database } = await client.databases.createIfNotExists({ id: FUZZ_DATABASE });
  const { container } = await database.containers.createIfNotExists({
    ...{ id: 'things', partitionKey: '/pk', indexingPolicy: { compositeIndexes: [ORDERED_PATHS] } },
  });
  await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      container.items.upsert({ id: String(n), pk: 'a', n, list: [1, 'x'], inner: { x: null } }),
    ),
  );
  client.dispose();
  const bytesNow = (input: CosmosInput): Buffer =>
    bytesOf({ ...input, headers: [...input.headers, ...signature(input)] }, origin);
  return createTarget<CosmosInput>({
    name: 'cosmos',
    share: 12,
    inputs,
    show: (input) => shownBytes(bytesNow(input)),
    send: async (input) => judge(await exchange(origin, bytesNow(input)), tally),
  });
}

function signature({ method, target, authorization }: CosmosInput): HttpInput['headers'] {
  const date = new Date().toUTCString();
  const { type, link } = signedResource(target);
  const payload = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
  const sig = createHmac('sha256', Buffer.from(EMULATOR_KEY, 'base64')).update(payload).digest('base64');
  return [
    ['x-ms-date', date],
    ['Authorization', authorization ?? encodeURIComponent(`type=master&ver=1.0&sig=${sig}`)],
  ];
}

function signedResource(target: string): { type: string; link: string } {
  try {
    return parseResource(target);
  } catch {
    return { type: '', link: '' };
  }
}

function judge(exchanged: Exchanged, tally: Tally): FailureReason {
  if (exchanged.kind === 'unfinished') return undefined;
  if (exchanged.kind !== 'answer') return `There was no answer (${exchanged.kind}).`;
  const { status, body } = exchanged.answer;
  if (status < 300) noteTaken(tally, 'cosmos');
  const named = (parseJson(body) as { message?: unknown } | undefined)?.message;
  if (status === 501)
    return typeof named === 'string' && named.includes('does not simulate')
      ? undefined
      : `501 names nothing: ${body}`;
  return status >= 500 ? `The answer was ${status} ${body.slice(0, 300)}` : undefined;
}
