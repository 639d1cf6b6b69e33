// Pausing intake: one of two operators wins, every act is on record, and hosts follow within the stated time.
import {
  changeIntake,
  createIntakeGate,
  SEEN_WITHIN_MS,
  type IntakePorts,
} from '../../../src/operations/intake';
import type { OperatorAct } from '../../../src/ports/audit';
import type { IntakeState } from '../../../src/ports/intake';
import { SCOPE } from '../../support/orders';

function open() {
  const states = new Map<string, { state: IntakeState; etag: string }>();
  const acts: OperatorAct[] = [];
  let [nowMs, writes, reads] = [Date.UTC(2026, 0, 1), 0, 0];
  const never: IntakeState = { paused: false, by: null, at: null, reason: null };
  const ports: IntakePorts = {
    intake: {
      read: ({ tenantId }) => {
        reads += 1;
        return Promise.resolve(states.get(tenantId) ?? { state: never, etag: undefined });
      },
      write: ({ tenantId }, state, etag) => {
        if (states.get(tenantId)?.etag !== etag) return Promise.resolve(false);
        states.set(tenantId, { state, etag: `etag-${++writes}` });
        return Promise.resolve(true);
      },
    },
    audit: { record: (_, act) => Promise.resolve(void acts.push(act)), list: () => Promise.resolve(acts) },
    clock: { nowMs: () => nowMs },
  };
  return { ports, acts, pass: (ms: number) => (nowMs += ms), reads: () => reads };
}

const by = (operator: string) => ({ scope: SCOPE, operator, reason: 'the warehouse moves' });

test('of two operators who pause at the same moment one wins, and the other is told who', async () => {
  const { ports } = open();
  const both = await Promise.all(
    ['operator:ann', 'operator:bob'].map((name) => changeIntake(ports, { ...by(name), action: 'pause' })),
  );
  expect(both).toMatchObject([
    { kind: 'changed', state: { paused: true, by: 'operator:ann' } },
    { kind: 'refused', why: expect.stringContaining('operator:ann') as string },
  ]);
});

test('S18: each change is on record with who, why, before and after', async () => {
  const { ports, acts } = open();
  await changeIntake(ports, { ...by('operator:ann'), action: 'pause' });
  await changeIntake(ports, { ...by('operator:bob'), action: 'resume' });
  expect(acts).toMatchObject([
    {
      actor: 'operator:ann',
      action: 'pause intake',
      reason: 'the warehouse moves',
      before: 'open',
      after: 'paused',
    },
    { actor: 'operator:bob', action: 'resume intake', before: 'paused', after: 'open' },
  ]);
  expect(await changeIntake(ports, { ...by('operator:ann'), action: 'resume' })).toMatchObject({
    kind: 'refused',
  });
});

test('a host follows a change within the stated time, asks the store no more often, and another tenant is not touched', async () => {
  const { ports, pass, reads } = open();
  const gate = createIntakeGate(ports.intake, ports.clock);
  expect(await gate.isPaused(SCOPE)).toBe(false);
  await changeIntake(ports, { ...by('operator:ann'), action: 'pause' });
  const before = reads();
  expect(await gate.isPaused(SCOPE)).toBe(false);
  expect(reads()).toBe(before);
  pass(SEEN_WITHIN_MS);
  expect(await gate.isPaused(SCOPE)).toBe(true);
  expect(await gate.isPaused({ tenantId: 'acme' })).toBe(false);
});

test('while the store is away, intake is as it was last seen', async () => {
  const { ports, pass } = open();
  const gate = createIntakeGate(ports.intake, ports.clock);
  await changeIntake(ports, { ...by('operator:ann'), action: 'pause' });
  expect(await gate.isPaused(SCOPE)).toBe(true);
  pass(SEEN_WITHIN_MS);
  ports.intake.read = () => Promise.reject(new Error('away'));
  expect(await gate.isPaused(SCOPE)).toBe(true);
});
