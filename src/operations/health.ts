// Health check of the app, for GET /api/health: whether the store, the broker and the task hub answer now, and whether
// orders can be taken.
//
// health.H1  Each part is asked by itself and has a deadline; one that hangs delays the answer by no more than that.
// health.H2  An answer is good for some seconds, a failure for less, and questions in between share one: whoever asks
//   often costs the parts nothing more.
// health.H3  Orders cannot be taken without the store. Without broker or task hub they are taken and go on later.
import type { Clock } from '../ports/clock';

export const HEALTH_PARTS = ['store', 'broker', 'taskHub'] as const;
export type HealthPart = (typeof HEALTH_PARTS)[number];
export type PartState = 'ok' | 'unavailable';

export interface Health {
  /** `degraded`: orders are taken, and something that follows waits. `unavailable`: orders cannot be taken. */
  readonly status: 'ok' | 'degraded' | 'unavailable';
  readonly checks: Readonly<Record<HealthPart, PartState>>;
}

/** Resolves when the part answers; rejects when it does not. */
export type Probe = () => Promise<void>;

/** Asks every part by its probe, or tells what it answered a moment ago. */
export type HealthCheck = (probes: Readonly<Record<HealthPart, Probe>>) => Promise<Health>;

const KEEP_MS: Readonly<Record<PartState, number>> = { ok: 5_000, unavailable: 1_000 };
const ANSWER_WITHIN_MS = 2_000;

/** A check with memory; one for the life of the process. */
export function createHealthCheck(clock: Clock, answerWithinMs = ANSWER_WITHIN_MS): HealthCheck {
  const store = remembered(clock, answerWithinMs);
  const broker = remembered(clock, answerWithinMs);
  const taskHub = remembered(clock, answerWithinMs);
  return async (probes) => {
    const states = await Promise.all([store(probes.store), broker(probes.broker), taskHub(probes.taskHub)]);
    const checks = { store: states[0], broker: states[1], taskHub: states[2] };
    return { status: statusOf(checks), checks };
  };
}

function statusOf(checks: Health['checks']): Health['status'] {
  if (checks.store !== 'ok') return 'unavailable';
  return HEALTH_PARTS.every((part) => checks[part] === 'ok') ? 'ok' : 'degraded';
}

/** health.H2: the answer of one part. */
function remembered(clock: Clock, answerWithinMs: number): (probe: Probe) => Promise<PartState> {
  let current: Promise<PartState> | undefined;
  let answered: { readonly atMs: number; readonly keepMs: number } | undefined;
  const isFresh = (): boolean => {
    if (answered === undefined) return true;
    // The wall clock may be set back: such an age is none.
    const ageMs = clock.nowMs() - answered.atMs;
    return ageMs >= 0 && ageMs < answered.keepMs;
  };
  return (probe) => {
    if (current !== undefined && isFresh()) return current;
    answered = undefined;
    current = stateOf(probe, answerWithinMs).then((state) => {
      answered = { atMs: clock.nowMs(), keepMs: KEEP_MS[state] };
      return state;
    });
    return current;
  };
}

/** health.H1. A part whose answer comes later is asked anew by then. */
async function stateOf(probe: Probe, answerWithinMs: number): Promise<PartState> {
  const asked = probe().then(
    () => 'ok' as const,
    () => 'unavailable' as const,
  );
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<PartState>((resolve) => {
    deadline = setTimeout(() => resolve('unavailable'), answerWithinMs);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(deadline));
}
