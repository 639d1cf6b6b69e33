// Table of what each look-alike refuses by name, with the words by which the test that holds it is found.

export interface Refusal {
  readonly lookAlike: string;
  readonly what: string;
  readonly test: string;
  /** Stands in that test. */
  readonly words: string;
}

/** What a look-alike refuses in one suite of contract tests: the words in the test by what is refused. */
const refusals = (lookAlike: string, suite: string, words: Readonly<Record<string, string>>): Refusal[] =>
  Object.entries(words).map(([what, each]) => ({
    ...{ lookAlike, what, words: each },
    test: `packages/azure-local/test/${suite}.test.ts`,
  }));

/** In the order of the page. */
export const NOT_SIMULATED: readonly Refusal[] = [
  ...refusals('Durable engine', 'durable/refusals', {
    'Locks (`context.df.lock`)': 'lock (locking entities)',
    '`callHttp` with a `tokenSource` (managed identity)': 'tokenSource',
    '`callHttp` with multipart content': 'multipart content',
  }),
  ...refusals('Durable engine', 'durable/operators', {
    'Rewind of a call with retry options': 'retry options is refused by name',
  }),
  ...refusals('Cosmos DB', 'cosmos/account', {
    'Microsoft Entra ID': 'refuses Microsoft Entra ID by name',
  }),
  ...refusals('Cosmos DB', 'cosmos/refusals', {
    'Unique key policies': 'unique key policies',
    'Computed properties': 'computedProperties',
    'Stored procedures, triggers, user-defined functions': 'dbs/colls/sprocs',
    'Users and permissions': 'dbs/users/permissions',
    Throughput: "POST on 'offers'",
    Conflicts: 'dbs/colls/conflicts',
    'Changing a container': 'the change of a container',
    'Deleting a partition': 'the deletion of a partition',
    'Queries over databases and containers': 'queries over containers',
    'Indexing directives': 'indexing directives',
    'Vector, full-text, encryption, change feed and analytical properties of containers':
      'a container with %s is a 501',
    'Parts of a hierarchical partition key': 'a part of a hierarchical partition key',
  }),
  ...refusals('Cosmos DB', 'cosmos/batch', {
    'Batches that are not atomic (bulk)': 'that is not atomic (bulk) is refused by name',
  }),
  ...refusals('Cosmos DB', 'cosmos/change-feed', {
    'Change feed modes other than "latest version"':
      'in another mode than "latest version" is refused by name',
  }),
  ...refusals('Service Bus', 'servicebus/refusals', {
    'Rule operations': "operation 'com.microsoft:add-rule'",
    Transactions: 'a transaction is refused by its name',
    'Transfer dead-letter queues': 'transfer dead-letter queues',
    TLS: 'TLS is not simulated',
    'AMQP over WebSockets, the administration API': 'AMQP over WebSockets',
  }),
  ...refusals('Event Grid', 'eventgrid/publish', {
    'SAS tokens': 'SAS token (aeg-sas-token) is not simulated',
    Identities: 'identity (authorization) is not simulated',
    'Binary mode of CloudEvents, other api versions': 'binary mode',
    'Custom input schemas': 'CustomInputSchema is not simulated',
  }),
  ...refusals('Event Grid', 'eventgrid/refusals', {
    'Channels of partner topics': 'Channels of partner topics',
    'Destinations other than webhooks, delivery attributes and identities': 'deliveryWithResourceIdentity',
  }),
  ...refusals('Event Grid', 'eventgrid/publish', {
    'Private links': 'has privateLink, which is not simulated',
    'Batches of more than one event': 'has maxEventsPerBatch',
    'Advanced filters of other operators': 'the other operators are not simulated',
    'CloudEvents delivered as EventGridSchema': 'CloudEvents delivered as',
  }),
];
