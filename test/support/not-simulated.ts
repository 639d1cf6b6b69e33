// What each look-alike refuses by name, with the words by which the test that holds it is found.

export interface Refusal {
  readonly lookAlike: string;
  readonly what: string;
  readonly test: string;
  /** Stands in that test. */
  readonly words: string;
}

const of =
  (lookAlike: string) =>
  (what: string, test: string, words: string): Refusal => ({
    lookAlike,
    what,
    test: `test/contract/${test}.test.ts`,
    words,
  });

const durable = of('Durable engine');
const cosmos = of('Cosmos DB');
const serviceBus = of('Service Bus');
const eventGrid = of('Event Grid');

/** In the order of the page. */
export const NOT_SIMULATED: readonly Refusal[] = [
  durable('Locks (`context.df.lock`)', 'durable-refusals', 'lock (locking entities)'),
  durable('`callHttp` with a `tokenSource` (managed identity)', 'durable-refusals', 'tokenSource'),
  durable('`callHttp` with multipart content', 'durable-refusals', 'multipart content'),
  durable('Rewind of a call with retry options', 'durable-operators', 'retry options is refused by name'),
  cosmos('Microsoft Entra ID', 'cosmos-account', 'refuses Microsoft Entra ID by name'),
  cosmos('Unique key policies', 'cosmos-refusals', 'unique key policies'),
  cosmos('Computed properties', 'cosmos-refusals', 'computedProperties'),
  cosmos('Stored procedures, triggers, user-defined functions', 'cosmos-refusals', 'dbs/colls/sprocs'),
  cosmos('Users and permissions', 'cosmos-refusals', 'dbs/users/permissions'),
  cosmos('Throughput', 'cosmos-refusals', "POST on 'offers'"),
  cosmos('Conflicts', 'cosmos-refusals', 'dbs/colls/conflicts'),
  cosmos('Changing a container', 'cosmos-refusals', 'the change of a container'),
  cosmos('Deleting a partition', 'cosmos-refusals', 'the deletion of a partition'),
  cosmos('Queries over databases and containers', 'cosmos-refusals', 'queries over containers'),
  cosmos('Indexing directives', 'cosmos-refusals', 'indexing directives'),
  cosmos(
    'Vector, full-text, encryption, change feed and analytical properties of containers',
    'cosmos-refusals',
    'a container with %s is a 501',
  ),
  cosmos(
    'Parts of a hierarchical partition key',
    'cosmos-refusals',
    'a part of a hierarchical partition key',
  ),
  cosmos(
    'Batches that are not atomic (bulk)',
    'cosmos-batch',
    'that is not atomic (bulk) is refused by name',
  ),
  cosmos(
    'Change feed modes other than "latest version"',
    'cosmos-change-feed',
    'in another mode than "latest version" is refused by name',
  ),
  serviceBus('Rule operations', 'servicebus-refusals', "operation 'com.microsoft:add-rule'"),
  serviceBus('Transactions', 'servicebus-refusals', 'a transaction is refused by its name'),
  serviceBus('Transfer dead-letter queues', 'servicebus-refusals', 'transfer dead-letter queues'),
  serviceBus('TLS', 'servicebus-refusals', 'TLS is not simulated'),
  serviceBus('AMQP over WebSockets, the administration API', 'servicebus-refusals', 'AMQP over WebSockets'),
  eventGrid('SAS tokens', 'eventgrid-publish', 'SAS token (aeg-sas-token) is not simulated'),
  eventGrid('Identities', 'eventgrid-publish', 'identity (authorization) is not simulated'),
  eventGrid('Binary mode of CloudEvents, other api versions', 'eventgrid-publish', 'binary mode'),
  eventGrid('Custom input schemas', 'eventgrid-publish', 'CustomInputSchema is not simulated'),
  eventGrid('Channels of partner topics', 'eventgrid-refusals', 'Channels of partner topics'),
  eventGrid(
    'Destinations other than webhooks, delivery attributes and identities',
    'eventgrid-refusals',
    'deliveryWithResourceIdentity',
  ),
  eventGrid('Private links', 'eventgrid-publish', 'has privateLink, which is not simulated'),
  eventGrid('Batches of more than one event', 'eventgrid-publish', 'has maxEventsPerBatch'),
  eventGrid(
    'Advanced filters of other operators',
    'eventgrid-publish',
    'the other operators are not simulated',
  ),
  eventGrid('CloudEvents delivered as EventGridSchema', 'eventgrid-publish', 'CloudEvents delivered as'),
];
