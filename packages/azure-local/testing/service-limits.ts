// Table of the limits of the deployed services: those that the look-alikes have, each with the test that holds it, and
// those that they leave out. The page docs/differences.md prints both.

export interface ServiceLimit {
  readonly service: string;
  readonly what: string;
  readonly most: string;
  /** The file, and words of it. */
  readonly test: string;
  readonly words: string;
}

const held = (
  service: string,
  suite: string,
  limits: readonly (readonly [what: string, most: string, words: string])[],
): ServiceLimit[] =>
  limits.map(([what, most, words]) => ({
    ...{ service, what, most, words },
    test: `packages/azure-local/test/${suite}.test.ts`,
  }));

/** In the order of the page. */
export const LIMITS: readonly ServiceLimit[] = [
  ...held('Service Bus Standard', 'servicebus/limits', [
    ['A message, and a batch of messages', '256 kB', '256 kB and one byte is refused'],
    ['The headers of a message', '64 kB', 'the headers of a message'],
    ['Message id and session id', '128 characters', 'a %s has at most 128 characters'],
    ['Names of queues and topics', '260 characters', 'have at most 260 characters'],
    ['Names of subscriptions and rules', '50 characters', 'those of subscriptions and rules 50'],
  ]),
  ...held('Event Grid', 'eventgrid/publish', [
    ['An event, and a request', '1 MB', 'a request of 1 MB is taken'],
    ['Names of topics', '3 to 50 characters', 'must have at most 50 characters'],
    ['Names of subscriptions', '3 to 64 characters', 'must be 3 to 64 letters'],
  ]),
  ...held('Cosmos DB', 'cosmos/limits', [
    ['The id of a document', '1,023 bytes', 'may not have %s'],
    ['The id of a database or a container', '255 characters', 'has at most 255 characters'],
    ['A partition key', '2,048 bytes', 'may not have %s, to write or to read'],
    ['`ORDER BY` one key', 'of an indexed path only', 'of one key is a 400 with %s'],
    ['`ORDER BY` two keys', 'with a composite index only', 'of two keys is a 400 with %s'],
  ]),
  ...held('Cosmos DB', 'cosmos/documents', [['A document', '2 MB', 'of more than 2 MB is refused with 413']]),
  ...held('Cosmos DB', 'cosmos/batch', [
    ['A transactional batch', '100 operations, 2 MB', 'may have 100 operations and 2 MB, and not more'],
  ]),
  ...held('Functions host', 'host/requests', [
    ['A request line', '8 kB', 'a request line over 8 kB'],
    ['The headers of a request', '32 kB', 'headers without end'],
  ]),
];

/** What a look-alike takes and the service may not. */
export const LIMITS_LEFT: readonly {
  readonly service: string;
  readonly what: string;
  readonly why: string;
}[] = [
  {
    service: 'Service Bus Standard',
    what: 'throttling: 1,000 credits a second for a namespace',
    why: 'a laptop is slower than that',
  },
  {
    service: 'Service Bus Standard',
    what: 'a full queue or topic (1 GB unless set higher), 32 kB for one property',
    why: 'the disk is the limit here; the app writes short properties',
  },
  {
    service: 'Event Grid',
    what: 'throttling: 5,000 events or 5 MB a second for a topic',
    why: 'a laptop is slower than that',
  },
  {
    service: 'Cosmos DB',
    what: 'throttling by request units, 20 GB for a partition key',
    why: '429 comes by the fault rules of tests only; no order comes near 20 GB',
  },
  {
    service: 'Cosmos DB',
    what: 'queries of 512 kB, documents nested 128 deep',
    why: 'the queries of the app are constants',
  },
  {
    service: 'Cosmos DB',
    what: 'request units by indexed paths: a write costs by its size alone',
    why: 'the service publishes no formula; a test holds each container to the paths that its queries ask for',
  },
];
