// S26 for every adapter of the downstream ports: whatever is done, repeated, refused, undone and looked up under one key, in
// whatever order and at once, the answers fit one history of the key, and the ledger tells the same one.
import fc from 'fast-check';
import type { Outcome } from '../../src/domain/outcome';
import {
  ADAPTERS,
  closeAdapters,
  KINDS,
  newCall,
  type Adapters,
  type Kind,
} from '../support/downstream-adapters';

afterAll(closeAdapters);

const MOVES = ['act', 'undo', 'find'] as const;
type Move = (typeof MOVES)[number];

/**
 * Moves that are made at once; a call to act that is refused by plan; one that begins and stays at work; and its end. The
 * last three do what they can: a key that was used is not refused by plan, and has nothing more at work.
 */
type Step = readonly Move[] | 'refuse' | 'begin' | 'finish';

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom<Step>('refuse', 'begin', 'finish') },
  ),
  { minLength: 1, maxLength: 7 },
);

/** A move, the step it began in and the step its answer came in. */
interface Answered {
  readonly move: Move;
  readonly began: number;
  readonly ended: number;
  readonly outcome: Outcome<unknown>;
}

/** Plays the steps under one key; in the end what is at work acts, and the key is undone and used once more. */
async function play(kind: Kind, adapters: Adapters, played: readonly Step[]): Promise<History> {
  const [acting] = kind.operations;
  const call = newCall('act');
  const history: Answered[] = [];
  let now = 0;
  let atWork: Promise<void> | undefined;
  const make = async (move: Move): Promise<void> => {
    const began = now;
    const outcome: Outcome<unknown> = await kind[move](adapters, call);
    history.push({ move, began, ended: now, outcome });
  };
  const take = async (step: Step): Promise<void> => {
    if (step === 'refuse') {
      await adapters.plan(acting, 'refuse');
      await make('act');
      await adapters.plan(acting, null);
    } else if (step === 'begin') {
      if (atWork !== undefined || !isUnused(history)) return;
      await adapters.plan(acting, 'inProgress');
      atWork = make('act');
      await adapters.atWork();
    } else if (step === 'finish') {
      if (atWork === undefined) return;
      adapters.finish();
      await atWork;
      atWork = undefined;
    } else await Promise.all(step.map(make));
  };
  for (const step of [...played, 'finish', ['undo'], ['act']] as const) {
    await take(step);
    now += 1;
  }
  return { history, effects: await adapters.effects(call.orderId) };
}

/** Whether nothing is settled under the key yet, so that a call to act has an effect and can be at work. */
const isUnused = (history: readonly Answered[]): boolean =>
  history.every(({ move, outcome }) => move === 'find' || outcome.kind === 'transient');

interface History {
  readonly history: readonly Answered[];
  readonly effects: readonly string[];
}

const valueOf = ({ outcome }: Answered): unknown => (outcome.kind === 'done' ? outcome.value : undefined);
const codeOf = ({ outcome }: Answered): unknown =>
  outcome.kind === 'refused' ? outcome.detailCode : undefined;

function expectOneHistory({ effects: [done, undone] }: Kind, { history, effects }: History): void {
  const of = (move: Move): Answered[] => history.filter((answered) => answered.move === move);
  const acted = of('act').filter(({ outcome }) => outcome.kind === 'done');
  const undos = of('undo').filter(({ outcome }) => outcome.kind === 'done');
  const found = new Set(undos.map((answered) => (valueOf(answered) as { found: string }).found));
  // Only what had an effect is in the ledger, each once, and the answers say which.
  expect([[], [done], [done, undone]]).toContainEqual(effects);
  expect([...found]).toEqual([effects.length === 0 ? 'closed' : 'undone']);
  expect(acted.length > 0).toBe(effects.includes(done));
  expect(new Set(acted.map((answered) => JSON.stringify(valueOf(answered)))).size).toBeLessThan(2);
  // The last undoing has settled the key, whatever came before: nothing is left done.
  expect(effects).not.toEqual([done]);
  for (const earlier of history)
    for (const later of history.filter(({ began }) => began > earlier.ended)) expectFollows(earlier, later);
}

/** What a later call may be answered after an earlier one was. */
function expectFollows(earlier: Answered, later: Answered): void {
  if (later.outcome.kind === 'transient') return;
  if (earlier.move === 'undo' && earlier.outcome.kind === 'done' && later.move === 'act')
    expect(later.outcome.kind).toBe('refused');
  if (earlier.move === 'act' && earlier.outcome.kind === 'refused' && later.move === 'act')
    expect(codeOf(later)).toBe(codeOf(earlier));
  if (earlier.move === 'act' && earlier.outcome.kind === 'done' && later.move === 'find')
    expect(valueOf(later)).not.toBeNull();
  if (earlier.move === 'undo' && earlier.outcome.kind === 'done' && later.move === 'find')
    expect(['closed', 'refused', 'released', 'refunded', 'cancelled']).toContain(
      (valueOf(later) as { status: string }).status,
    );
}

describe.each(Object.entries(ADAPTERS))('services %s', (_, open) => {
  test.each(KINDS)('S26: $name has one history under one key, and the ledger tells it', async (kind) => {
    const adapters = await open();
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        expectOneHistory(kind, await play(kind, adapters, played));
      }),
      { numRuns: 60 },
    );
  });
});
