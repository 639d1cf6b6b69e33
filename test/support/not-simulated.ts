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
  cosmos('Unique key policies', 'cosmos-account', 'unique key policies'),
  cosmos('Computed properties', 'cosmos-account', 'computed properties'),
  cosmos('Stored procedures', 'cosmos-account', 'stored procedures'),
  cosmos('Users and permissions', 'cosmos-account', 'dbs/users'),
  cosmos('Changing a container', 'cosmos-account', 'changing a container'),
  cosmos('Queries over databases', 'cosmos-account', 'queries over databases'),
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
  serviceBus('Rule operations', 'servicebus-refusals', 'a rule operation is refused by its name'),
  serviceBus('Transactions', 'servicebus-refusals', 'a transaction is refused by its name'),
  eventGrid('SAS tokens', 'eventgrid-publish', 'SAS token (aeg-sas-token) is not simulated'),
  eventGrid('Identities', 'eventgrid-publish', 'identity (authorization) is not simulated'),
  eventGrid('Binary mode of CloudEvents, other api versions', 'eventgrid-publish', 'binary mode'),
  eventGrid('Custom input schemas', 'eventgrid-publish', 'CustomInputSchema is not simulated'),
  eventGrid('Private links', 'eventgrid-publish', 'has privateLink, which is not simulated'),
  eventGrid('Batches of more than one event', 'eventgrid-publish', 'has maxEventsPerBatch'),
  eventGrid(
    'Advanced filters of other operators',
    'eventgrid-publish',
    'the other operators are not simulated',
  ),
  eventGrid('CloudEvents delivered as EventGridSchema', 'eventgrid-publish', 'CloudEvents delivered as'),
];
