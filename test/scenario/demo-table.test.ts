// Every line of the demo table over HTTP against a running system, and the crash of the kill demo.
import { playKill } from '../../local/demo/kill-demo';
import { playTable } from '../../local/demo/demo-systems';
import { SCENARIOS, type Played } from '../../local/demo/scenarios';
import { startSystem } from 'azure-local/supervisor/running-system';

describe('the demo table', () => {
  const ends = new Map<string, Played | Error>();

  beforeAll(() =>
    playTable(async ({ scenario, played }) => {
      ends.set(scenario.name, await played.catch((error: unknown) => error as Error));
    }),
  );

  test.each(SCENARIOS.map(({ name, expected }) => [name, expected] as const))(
    '%s: status, effects and attempts are as the table says',
    (name, expected) => {
      expect(ends.get(name)).toMatchObject({ actual: expected });
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
});
