// Every line of the demo table over HTTP against a running system, and the crash of the kill demo.
import { playKill } from '../../local/demo/kill-demo';
import { DEMO_SETTINGS, demoFaults, play, SCENARIOS, type Played } from '../../local/demo/scenarios';
import { createSystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from '../../local/supervisor/running-system';

describe('the demo table', () => {
  let system: RunningSystem;
  const played = new Map<string, Promise<Played>>();

  beforeAll(async () => {
    system = await startSystem({ settings: DEMO_SETTINGS });
    const client = createSystemClient(system.urls);
    await client.planFaults(demoFaults());
    for (const scenario of SCENARIOS) played.set(scenario.name, play(client, scenario));
    await Promise.allSettled(played.values());
  }, 60_000);
  afterAll(() => system.stop());

  test.each(SCENARIOS.map(({ name, expected }) => [name, expected] as const))(
    '%s: status, effects and attempts are as the table says',
    async (name, expected) => {
      expect((await played.get(name))?.actual).toEqual(expected);
    },
  );
});

test('everything killed in mid-payment and started again: no order is lost and the sums balance', async () => {
  const system = await startSystem();
  try {
    const { orders, problems } = await playKill(system, () => undefined);
    expect(problems).toEqual([]);
    expect(orders.filter(({ status }) => status === 'completed')).toHaveLength(24);
  } finally {
    await system.stop();
  }
}, 90_000);
