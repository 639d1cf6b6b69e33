// What the durable engine refuses by name, and where it is kinder than the platform. durable-episode.E5.
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { cleanUp, openHub } from '../../testing/durable-harness';

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('bigint', { handler: () => ({ amount: 1n }) });
  df.app.orchestration('bigInput', function* (context) {
    yield context.df.callActivity('echo', { amount: 1n });
  });
  app.generic('notTheSdk', {
    trigger: { type: 'orchestrationTrigger', name: 'trigger' },
    handler: () => Promise.resolve('"hello"'),
  });
  df.app.orchestration('bigAmount', function* (context) {
    return (yield context.df.callActivity('bigint')) as unknown;
  });
  df.app.orchestration('throwsString', function* (context) {
    yield context.df.callActivity('echo', 1);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- what the scenario is about
    throw 'a string';
  });
  df.app.orchestration('unknownActivity', function* (context) {
    yield context.df.callActivity('echo', 1);
    yield context.df.callActivity('reserveStock', 1);
  });
  df.app.orchestration('unknownEntity', function* (context) {
    yield context.df.callEntity(new df.EntityId('Nobody', '1'), 'get');
  });
  df.app.orchestration('uses_lock', function* (context) {
    yield context.df.lock(new df.EntityId('counter', '1'));
  });
  df.app.orchestration('unknownChild', function* (context) {
    yield context.df.callSubOrchestrator('ship');
  });
  const refused: Record<string, df.OrchestrationHandler> = {
    tokenSource: function* (context) {
      const tokenSource = new df.ManagedIdentityTokenSource('https://management.core.windows.net');
      yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:9', tokenSource });
    },
    multipart: function* (context) {
      const headers = { 'Content-Type': 'multipart/form-data' };
      yield context.df.callHttp({ method: 'POST', url: 'http://127.0.0.1:9', headers });
    },
  };
  for (const [name, handler] of Object.entries(refused)) df.app.orchestration(`uses_${name}`, handler);
});

afterEach(cleanUp);

describe('refusals by name', () => {
  test.each([
    ['uses_lock', 'lock (locking entities)'],
    ['uses_tokenSource', 'tokenSource'],
    ['uses_multipart', 'multipart content'],
  ])('%s fails the instance and says that %s is not simulated', async (orchestrator, what) => {
    const { start, settled, warnings } = await openHub();
    const status = await settled(await start(orchestrator));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(what);
    expect(status.output).toContain('is not simulated by the local host yet');
    expect(warnings[0]).toContain(what);
  });

  test('an unregistered activity fails the instance and is named', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('unknownActivity'));
    expect(status).toMatchObject({ runtimeStatus: 'Failed' });
    expect(status.output).toContain("it calls activity 'reserveStock' (sequence number 1)");
  });

  test('an unregistered sub-orchestrator fails the instance and is named', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('unknownChild'));
    expect(status).toMatchObject({ runtimeStatus: 'Failed' });
    expect(status.output).toContain("it calls sub-orchestrator 'ship' (sequence number 0)");
  });

  test('an unregistered entity fails the instance and is named', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('unknownEntity'));
    expect(status).toMatchObject({ runtimeStatus: 'Failed' });
    expect(status.output).toContain("it sends an operation to entity 'nobody' (sequence number 0)");
  });

  test('an unregistered orchestrator is accepted and then fails by name', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('noSuchOrchestrator'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain("The function 'noSuchOrchestrator' doesn't exist");
  });

  test('an orchestrator that throws a string after a call fails as one that no longer asks for it', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('throwsString'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/an activity task with sequence ID 0 and name 'echo' .* hasn't \(yet\?\)/);
  });

  test('an input that JSON cannot carry fails the instance and names the activity', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('bigInput'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain(
      "the input of activity 'echo' (sequence number 0) cannot be written as JSON",
    );
  });

  test('a function that answers something else than an orchestrator state fails the instance', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('notTheSdk'));
    expect(status.output).toContain('its function did not return an orchestrator state');
  });

  test('a result that JSON cannot carry fails the activity', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('bigAmount'));
    expect(status.output).toContain(
      "Activity function 'bigint' failed: Do not know how to serialize a BigInt",
    );
  });
});
