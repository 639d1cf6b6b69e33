// What can be done to an order from its page. Each act asks first, says what follows, and is sent once.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { OrderView, SagaView } from '../queries/order-view';
import { post, type Problem } from './api';
import { words } from './format';
import { Question, Trouble } from './parts';

interface Act {
  readonly name: string;
  readonly path: (id: string) => string;
  readonly does: string;
  readonly asksReason: boolean;
  /** Why it cannot be done now, as far as the page can tell; the server has the last word. */
  readonly whyNot: (order: OrderView, saga: SagaView) => string | undefined;
  readonly follows: (saga: SagaView) => JSX.Element;
}

const isEnded = ({ status }: OrderView): boolean =>
  ['completed', 'delivered', 'failed', 'cancelled'].includes(status);

const ended = (order: OrderView): string | undefined =>
  isEnded(order) ? `the order is ${words(order.status)}` : undefined;

const notAwaiting = ({ status }: OrderView): string | undefined =>
  status === 'awaitingApproval' ? undefined : 'nobody is asked to approve it';

const ACTS: readonly Act[] = [
  {
    name: 'Cancel',
    path: (id) => `orders/${id}/cancel`,
    does: 'Cancel the order',
    asksReason: false,
    whyNot: (order) => (order.trackingId === null ? ended(order) : 'the parcel has left'),
    follows: (saga) => <Undoing saga={saga} />,
  },
  {
    name: 'Approve',
    path: (id) => `orders/${id}/approve`,
    does: 'Approve the order',
    asksReason: false,
    whyNot: notAwaiting,
    follows: () => <p>It goes on and is shipped.</p>,
  },
  {
    name: 'Reject',
    path: (id) => `orders/${id}/reject`,
    does: 'Reject the order',
    asksReason: true,
    whyNot: notAwaiting,
    follows: (saga) => <Undoing saga={saga} />,
  },
  {
    name: 'Suspend',
    path: (id) => `ops/orders/${id}/suspend`,
    does: 'Suspend the saga',
    asksReason: true,
    whyNot: (order, { runtimeStatus }) =>
      ended(order) ?? (runtimeStatus === 'suspended' ? 'it is suspended' : undefined),
    follows: () => <p>It takes no further step until it is resumed. Nothing is undone.</p>,
  },
  {
    name: 'Resume',
    path: (id) => `ops/orders/${id}/resume`,
    does: 'Resume the saga',
    asksReason: true,
    whyNot: (_, { runtimeStatus }) => (runtimeStatus === 'suspended' ? undefined : 'it is not suspended'),
    follows: () => <p>It goes on where it stood.</p>,
  },
  {
    name: 'Terminate',
    path: (id) => `ops/orders/${id}/terminate`,
    does: 'Terminate without undoing anything',
    asksReason: true,
    whyNot: ended,
    follows: ({ completedSteps }) => (
      <p>
        <strong>Nothing is undone</strong>:{' '}
        {completedSteps.length === 0 ? 'no step' : completedSteps.map(words).join(', ')}{' '}
        {completedSteps.length === 1 ? 'stays' : 'stay'} as done. To take an order back, cancel it instead.
      </p>
    ),
  },
  {
    name: 'Compensate',
    path: (id) => `ops/orders/${id}/compensate`,
    does: 'Undo what was done',
    asksReason: true,
    whyNot: (order, { runtimeStatus }) =>
      order.needsIntervention || runtimeStatus === 'terminated' || runtimeStatus === 'failed'
        ? undefined
        : 'its saga takes care of it',
    follows: (saga) => <Undoing saga={saga} />,
  },
];

/** What an order that goes back has undone, latest first. */
function Undoing({ saga }: { readonly saga: SagaView }): JSX.Element {
  const steps = saga.completedSteps.filter((step) => !saga.compensatedSteps.includes(step)).reverse();
  if (steps.length === 0) return <p>Nothing has been done that would be undone.</p>;
  return (
    <>
      <p>This will be undone, in this order:</p>
      <ol>
        {steps.map((step) => (
          <li key={step}>{words(step)}</li>
        ))}
      </ol>
    </>
  );
}

export function Acts(props: {
  readonly order: OrderView;
  readonly saga: SagaView;
  readonly onDone: () => void;
}): JSX.Element {
  const { order, saga } = props;
  const asked = useSignal<Act | undefined>(undefined);
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | undefined>(undefined);
  const send = async (act: Act, reason: string): Promise<void> => {
    isBusy.value = true;
    const answer = await post(act.path(order.id), reason === '' ? {} : { reason });
    isBusy.value = false;
    asked.value = undefined;
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    props.onDone();
  };
  return (
    <section aria-label="What can be done">
      <p class="buttons">
        {ACTS.map((act) => {
          const whyNot = act.whyNot(order, saga);
          return (
            <button
              key={act.name}
              type="button"
              disabled={whyNot !== undefined}
              title={whyNot === undefined ? act.does : `Not now: ${whyNot}`}
              onClick={() => (asked.value = act)}
            >
              {act.name}
            </button>
          );
        })}
      </p>
      <Trouble problem={problem.value} />
      {asked.value !== undefined && (
        <Question
          title={`${asked.value.does}?`}
          does={asked.value.does}
          asksReason={asked.value.asksReason}
          isBusy={isBusy.value}
          onYes={(reason) => asked.value !== undefined && void send(asked.value, reason)}
          onClose={() => (asked.value = undefined)}
        >
          {asked.value.follows(saga)}
        </Question>
      )}
    </section>
  );
}
