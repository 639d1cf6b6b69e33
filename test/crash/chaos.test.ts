// A seeded plan of orders, kills, faults, broken connections, repeats and clock jumps, as `npm run test:chaos`
// plays it, short. Every invariant is judged once everything has come to rest.
import { rmSync } from 'node:fs';
import { returnsOf } from '../../src/domain/return-state';
import type { Violation } from '../../tools/chaos/facts';
import { INVARIANTS } from '../../tools/chaos/invariants';
import { makePlan } from '../../tools/chaos/make-plan';
import { KINDS, type PlanRequest } from '../../tools/chaos/plan';
import { commandFor } from '../../tools/chaos/request';
import { runPlan, type ChaosResult } from '../../tools/chaos/run';

const ATOMIC: PlanRequest = {
  ...{ seed: 20_261_121, orders: 120, durationMs: 16_000, kills: 4 },
  ...{ kinds: KINDS, storage: 'atomic' },
};
/** Shorter: what differs is what a killed host leaves in its task hub. */
const AZURE: PlanRequest = { ...ATOMIC, orders: 45, durationMs: 7_000, kills: 1, storage: 'azure' };
const DRAIN_MS = 240_000;

describe.each([ATOMIC, AZURE])('chaos on the storage $storage', (request) => {
  let result: ChaosResult;
  beforeAll(async () => {
    result = await runPlan(makePlan(request), { drainMs: DRAIN_MS, say: () => undefined });
  }, 600_000);
  afterAll(() => {
    if (result.violations.length === 0) rmSync(result.dataDir, { recursive: true, force: true });
  });

  test('everything that was planned was done: kills of each kind among the other disturbances', () => {
    const { kills } = request;
    expect(Object.keys(result.counts).sort()).toEqual([...KINDS].sort());
    expect(result.counts).toMatchObject({
      ...{ 'kill-host': kills, 'kill-platform': kills, 'kill-all': kills },
    });
  });

  test('orders came to every end', () => {
    const statuses = new Set((result.facts?.orders ?? []).map(({ status }) => status));
    expect([...statuses]).toEqual(expect.arrayContaining(['completed', 'failed', 'cancelled']));
  });

  test('items came back', () => {
    const returns = (result.facts?.orders ?? []).flatMap((order) => returnsOf(order));
    expect(returns.map(({ status }) => status)).toContain('closed');
  });

  test.each(Object.keys(INVARIANTS))('%s', (invariant) => {
    const failed: Violation[] = result.violations.filter((violation) => violation.invariant === invariant);
    const repeat = `${commandFor(request)} (data in ${result.dataDir})`;
    expect(failed.length === 0 ? [] : [...failed, repeat]).toEqual([]);
  });
});
