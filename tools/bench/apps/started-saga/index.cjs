// App of the bench's row for a saga that a function starts and waits for: as an app would write it, with the client of
// durable-functions and its own way to wait.
const { app } = require('@azure/functions');
const df = require('durable-functions');

/** The client asks for the status at once and then so often; its default is once a second. */
const WAIT = { timeoutInMilliseconds: 30_000, retryIntervalInMilliseconds: 50 };

df.app.activity('step', { handler: (input) => ({ ok: true, ...input }) });

df.app.orchestration('saga', function* (context) {
  const { order } = context.df.getInput();
  yield context.df.callActivity('step', { order, step: 'reserve' });
  yield context.df.callActivity('step', { order, step: 'pay' });
  yield context.df.callActivity('step', { order, step: 'ship' });
  return { order, status: 'completed' };
});

app.http('runSaga', {
  route: 'sagas',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew('saga', { input: await request.json() });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, instanceId, WAIT);
  },
});
