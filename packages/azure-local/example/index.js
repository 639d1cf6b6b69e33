// A Functions app in one file: a request becomes a message, the message an orchestration, its result a document, and the
// change feed of the documents the list that can be read.
const { app, output } = require('@azure/functions');
const { CosmosClient } = require('@azure/cosmos');
const df = require('durable-functions');

const client = new CosmosClient(process.env.CosmosConnection);
const seen = [];

const queue = output.serviceBusQueue({ queueName: 'greetings', connection: 'ServiceBusConnection' });

async function container() {
  const { database } = await client.databases.createIfNotExists({ id: 'example' });
  await database.containers.createIfNotExists({ id: 'leases', partitionKey: '/id' });
  const { container: greetings } = await database.containers.createIfNotExists({
    id: 'greetings',
    partitionKey: '/id',
  });
  return greetings;
}

app.hook.appStart(() => container());

app.http('Greet', {
  methods: ['POST'],
  authLevel: 'anonymous',
  route: 'greetings/{name}',
  extraOutputs: [queue],
  handler: (request, context) => {
    context.extraOutputs.set(queue, { name: request.params.name });
    return { status: 202 };
  },
});

app.serviceBusQueue('Receive', {
  queueName: 'greetings',
  connection: 'ServiceBusConnection',
  extraInputs: [df.input.durableClient()],
  handler: async ({ name }, context) => {
    await df.getClient(context).startNew('Compose', { instanceId: name, input: name });
  },
});

df.app.orchestration('Compose', function* (context) {
  const text = yield context.df.callActivity('Compose text', context.df.getInput());
  return yield context.df.callActivity('Store', { id: context.df.instanceId, text });
});

df.app.activity('Compose text', { handler: (name) => `Hello, ${name}!` });

df.app.activity('Store', {
  handler: async (document) => {
    await (await container()).items.upsert(document);
    return document.text;
  },
});

app.cosmosDB('Watch', {
  connection: 'CosmosConnection',
  databaseName: 'example',
  containerName: 'greetings',
  createLeaseContainerIfNotExists: true,
  startFromBeginning: true,
  handler: (documents) => {
    seen.push(...documents.map(({ text }) => text));
  },
});

app.http('List', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'greetings',
  handler: () => ({ jsonBody: seen }),
});

app.http('Health', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'health',
  handler: () => ({ status: 200 }),
});
