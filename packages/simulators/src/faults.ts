// Fault plan in force: decides which rule applies to a call. It does not know how a fault is carried out.
//
// simulated-faults.F1  The first rule in the plan that matches, has times left and wins its draw strikes; a call is
//   struck at most once.
// simulated-faults.F2  Every rule draws from a stream of its own, one number per matching call, so the same seed
//   strikes the same calls.
// simulated-faults.F3  What a strike used up is stored in the same write as what the call did: a restart goes on where
//   the plan stood.
import { draw } from 'azure-local/kit/mulberry32';
import type { Journal } from 'azure-local/storage/journal';
import type { FaultRule } from './fault-rules';
import type { OperationName, ServiceName } from './operation';

/** What a rule looks at. */
export interface Target {
  readonly service: ServiceName;
  readonly operation: OperationName;
  readonly orderId: string | undefined;
  readonly customerId: string | undefined;
  /** Whether the call would change anything: only such a call can be refused, for a refusal says that nothing was done. */
  readonly acts: boolean;
}

export interface Strike {
  readonly rule?: FaultRule;
  /** Stores what the plan has used up for this call; to be run inside a journal write. */
  readonly spend?: () => void;
}

export interface Faults {
  /** Which fault the call meets, if any; uses up one of its times. */
  strike(target: Target): Strike;
  /** The rules in force, with the times each has left. */
  list(): (FaultRule & { remaining?: number })[];
  /** Puts a new plan in force at once; resolves when it is on disk. */
  replace(rules: readonly FaultRule[]): Promise<void>;
}

/** A rule and where it stands: calls it may still strike, and the state of its stream. */
interface Standing {
  readonly position: number;
  readonly rule: FaultRule;
  remaining: number | null;
  stream: number;
}

const NOTHING: Strike = {};

/** The plan as the journal has it. */
export function createFaults(journal: Journal): Faults {
  journal.schema(`CREATE TABLE IF NOT EXISTS services_faults (
    position INTEGER PRIMARY KEY, rule TEXT NOT NULL, remaining INTEGER, stream INTEGER NOT NULL)`);
  const clear = journal.statement('DELETE FROM services_faults');
  const insert = journal.statement('INSERT INTO services_faults VALUES (?, ?, ?, ?)');
  const update = journal.statement(
    'UPDATE services_faults SET remaining = ?, stream = ? WHERE position = ? AND rule = ?',
  );
  let plan = load(journal);

  const store = ({ position, rule, remaining, stream }: Standing): void => {
    // A plan that was replaced since has other rules there.
    update.run(remaining, stream, position, JSON.stringify(rule));
  };

  return {
    strike(target) {
      if (plan.length === 0) return NOTHING;
      const used: Standing[] = [];
      const struck = plan.find((standing) => {
        if (!matches(standing.rule, target) || standing.remaining === 0) return false;
        if (!isCounted(standing)) return true;
        used.push(standing);
        return strikes(standing);
      });
      return {
        ...(struck === undefined ? {} : { rule: struck.rule }),
        ...(used.length === 0 ? {} : { spend: () => used.forEach(store) }),
      };
    },
    list: () =>
      plan.map(({ rule, remaining }) => (remaining === null ? { ...rule } : { ...rule, remaining })),
    replace(rules) {
      plan = rules.map((rule, position) => ({
        position,
        rule,
        remaining: rule.times ?? null,
        stream: rule.seed ?? 0,
      }));
      return journal.write(() => {
        clear.run();
        for (const { position, rule, remaining, stream } of plan) {
          insert.run(position, JSON.stringify(rule), remaining, stream);
        }
      });
    },
  };
}

function load(journal: Journal): Standing[] {
  return journal
    .statement('SELECT position, rule, remaining, stream FROM services_faults ORDER BY position')
    .all<Omit<Standing, 'rule'> & { rule: string }>()
    .map(({ position, rule, remaining, stream }) => ({
      position,
      rule: JSON.parse(rule) as FaultRule,
      remaining,
      stream,
    }));
}

function matches(rule: FaultRule, target: Target): boolean {
  return (
    rule.service === target.service &&
    (rule.operation === undefined || rule.operation === target.operation) &&
    (rule.orderId === undefined || rule.orderId === target.orderId) &&
    (rule.customerId === undefined || rule.customerId === target.customerId) &&
    (rule.fault !== 'refuse' || target.acts)
  );
}

/** Whether a matching call changes where the rule stands. */
function isCounted({ rule, remaining }: Standing): boolean {
  return remaining !== null || rule.probability !== undefined;
}

function strikes(standing: Standing): boolean {
  const { probability } = standing.rule;
  if (probability !== undefined) {
    const { value, state } = draw(standing.stream);
    standing.stream = state;
    if (value >= probability) return false;
  }
  if (standing.remaining !== null) standing.remaining -= 1;
  return true;
}
