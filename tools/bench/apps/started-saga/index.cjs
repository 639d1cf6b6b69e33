// App of the bench's rows for a saga that a function starts and waits for: once with the client of durable-functions and its
// own way to wait, once with the same requests over undici, as this repository's app makes them (src/adapters/task-hub.ts).
const { setTimeout: wait } = require('node:timers/promises');
const { app } = require('@azure/functions');
const df = require('durable-functions');
const { Agent, request: send } = require('undici');

/** The client asks for the status at once and then so often; its default is once a second. */
const WAIT = { timeoutInMilliseconds: 30_000, retryIntervalInMilliseconds: 50 };
const durableClient = df.input.durableClient();
const dispatcher = new Agent({ connections: 128 });

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
  extraInputs: [durableClient],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew('saga', { input: await request.json() });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, instanceId, WAIT);
  },
});

app.http('runSagaOverUndici', {
  route: 'sagas-over-undici',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraInputs: [durableClient],
  handler: async (request, context) => {
    const { rpcBaseUrl } = context.extraInputs.get(durableClient);
    const started = await send(`${rpcBaseUrl}orchestrators/saga`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: await request.text(),
    });
    const { id } = await started.body.json();
    for (const endsMs = Date.now() + WAIT.timeoutInMilliseconds; Date.now() < endsMs;) {
      await wait(WAIT.retryIntervalInMilliseconds);
      const { statusCode, body } = await send(`${rpcBaseUrl}instances/${id}`, { dispatcher });
      const status = await body.json();
      if (statusCode === 200) return { jsonBody: status.output };
    }
    return { status: 504 };
  },
});
