// The health endpoint while the broker or the order store is away from a running system.
import { until } from 'azure-local/kit/until';
import { startSystemBehindProxy, type SystemBehindProxy } from '../support/system-behind-proxy';

let behind: SystemBehindProxy;

beforeAll(async () => {
  behind = await startSystemBehindProxy();
});
afterAll(() => behind.stop());

interface Health {
  readonly status: number;
  readonly body: { readonly status: string; readonly checks: Readonly<Record<string, string>> };
}

async function health(): Promise<Health> {
  const response = await fetch(`${behind.system.urls.api}/api/health`);
  return { status: response.status, body: (await response.json()) as Health['body'] };
}

const untilItSays = (status: string): Promise<Health> =>
  until(`health says ${status}`, async () => {
    const answer = await health();
    return answer.body.status === status && answer;
  });

test('a broker that refuses connections degrades the app, which still takes orders', async () => {
  await untilItSays('ok');
  await behind.broker.shut();
  expect(await untilItSays('degraded')).toMatchObject({
    status: 200,
    body: { checks: { store: 'ok', broker: 'unavailable', taskHub: 'ok' } },
  });
  await behind.broker.open();
  expect(await untilItSays('ok')).toMatchObject({ status: 200, body: { checks: { broker: 'ok' } } });
});

test('a store that answers 503 makes the app unavailable until it answers again', async () => {
  const faults = (rules: readonly object[]): Promise<Response> =>
    fetch(`${behind.system.urls.cosmos}/_lookalike/faults`, { method: 'PUT', body: JSON.stringify(rules) });
  await untilItSays('ok');
  await faults([{ fault: 'unavailable', container: 'orders' }]);
  expect(await untilItSays('unavailable')).toMatchObject({
    status: 503,
    body: { checks: { store: 'unavailable', broker: 'ok', taskHub: 'ok' } },
  });
  await faults([]);
  expect(await untilItSays('ok')).toMatchObject({ status: 200 });
});
