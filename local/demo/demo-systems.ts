// Systems on which the demo table is played: one with the usual working time, and one with a short working time for
// the scenarios that wait until it is over. On a busy machine an order takes longer than a short time-out allows.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { demoFaults, play, SCENARIOS, type Played, type Scenario } from './scenarios';
import { createSystemClient, DEMO_OPERATOR_TOKEN } from './system-client';

const USUAL = { 'OrderProcessing:OperatorToken': DEMO_OPERATOR_TOKEN };
const SHORT_WORKING_TIME = { ...USUAL, 'OrderProcessing:SagaTimeoutMinutes': '0.2' };

export interface PlayedScenario {
  readonly scenario: Scenario;
  readonly played: Promise<Played>;
}

/**
 * Starts both systems, with these settings besides, and plays all lines at once, each on its system; `take` gets them in the order of the table. The
 * systems are gone when it resolves or rejects.
 */
export async function playTable(
  take: (line: PlayedScenario) => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const starting = [
    startSystem({ settings: { ...USUAL, ...settings } }),
    startSystem({ settings: { ...settings, ...SHORT_WORKING_TIME } }),
  ] as const;
  try {
    const [usual, short] = await Promise.all(starting);
    const clients = { usual: await clientOf(usual), short: await clientOf(short) };
    const lines = SCENARIOS.map((scenario): PlayedScenario => {
      const client = scenario.waitsForTimeout === true ? clients.short : clients.usual;
      return { scenario, played: play(client, scenario) };
    });
    // A line that fails before its turn is printed in its turn.
    for (const { played } of lines) played.catch(() => undefined);
    for (const line of lines) await take(line);
  } finally {
    for (const system of await Promise.allSettled(starting)) {
      if (system.status === 'fulfilled') await system.value.stop();
    }
  }
}

async function clientOf({ urls }: RunningSystem): Promise<ReturnType<typeof createSystemClient>> {
  const client = createSystemClient(urls);
  await client.planFaults(demoFaults());
  return client;
}
