// Activities in spans: one for each attempt of a step or compensation, under the span of its saga. The orchestrator makes none,
// because it is replayed; an activity that the platform runs twice is the same span twice. What the activity calls and writes finds its
// span by the `traceparent` that goes with its input.
import type { OrderHead } from '../../domain/order';
import { stepLabel } from '../step-label';
import { returnContext, sagaContext } from './order-spans';
import type { Attributes } from './span';
import { toTraceparent } from './span-context';
import type { Tracer } from './tracer';

/** What is read of an activity's input and output. */
interface Attempted {
  readonly state: Pick<OrderHead, 'orderId' | 'traceparent'>;
  readonly step: string;
  readonly undoes: string | null;
  readonly key: string;
  readonly attempt: number;
  readonly payload: unknown;
  readonly traceparent?: string;
}
interface Answered {
  readonly outcome: Outcome;
}
interface Outcome {
  readonly kind: string;
  readonly detailCode?: string;
  readonly error?: { readonly code: string };
}

/** `activities` under the same names, each run in a span of its name. */
export function tracedActivities<A extends object>(activities: A, tracer: Tracer): A {
  const traced = Object.entries(activities).map(([name, activity]) => {
    const run = activity as (input: Attempted, log: unknown) => Promise<Answered>;
    return [
      name,
      (input: Attempted, log: unknown): Promise<Answered> => {
        const start = { name, kind: 'internal', key: keyOf(input), parent: parentOf(input) } as const;
        return tracer.within({ ...start, attributes: attributesOf(input) }, async (span) => {
          const answer = await run({ ...input, traceparent: toTraceparent(span.context) }, log);
          span.set({ outcome: answer.outcome.kind });
          const why = failureOf(answer.outcome);
          if (why !== undefined) span.fail(why);
          return answer;
        });
      },
    ];
  });
  return Object.fromEntries(traced) as A;
}

const keyOf = ({ key, attempt }: Attempted): string => `${key} attempt ${attempt}`;

function parentOf({ state, payload }: Attempted): ReturnType<typeof sagaContext> {
  const { returnNumber } = (payload ?? {}) as { readonly returnNumber?: unknown };
  return typeof returnNumber === 'number' ? returnContext(state, returnNumber) : sagaContext(state);
}

function attributesOf({ state, step, undoes, attempt }: Attempted): Attributes {
  return {
    'order.id': state.orderId,
    'saga.step': stepLabel(step),
    ...(step === stepLabel(step) ? {} : { 'saga.entry': step }),
    ...(undoes === null ? {} : { 'saga.undoes': undoes }),
    attempt,
  };
}

/** Codes only: reasons are texts of services. */
export function failureOf({ kind, detailCode, error }: Outcome): string | undefined {
  if (kind === 'refused') return detailCode ?? kind;
  return kind === 'transient' || kind === 'unknown' ? (error?.code ?? kind) : undefined;
}
