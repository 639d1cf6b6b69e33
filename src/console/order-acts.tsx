// What can be done to an order from its page: what the API allows, and why not the rest. Each act asks first, and says what follows.
import type { JSX } from 'preact';
import type { OrderView, SagaView } from '../queries/order-view';
import { ActButtons, AskedAct, useActs, type Act } from './asked-act';
import { words } from './format';

/** By the API's name of the action. */
function actsOf(order: OrderView, saga: SagaView): readonly { readonly action: string; readonly act: Act }[] {
  const undoing = <Undoing saga={saga} />;
  const act = (
    action: string,
    does: string,
    follows: JSX.Element,
    { path = `ops/orders/${order.id}/${action}`, asksReason = true } = {},
  ): { readonly action: string; readonly act: Act } => {
    const name = `${action.slice(0, 1).toUpperCase()}${action.slice(1)}`;
    return { action, act: { name, does, title: `${does}?`, path, asksReason, follows } };
  };
  const plain = (action: string) => ({ path: `orders/${order.id}/${action}`, asksReason: false });
  return [
    act('cancel', 'Cancel the order', undoing, plain('cancel')),
    act('approve', 'Approve the order', <p>It goes on and is shipped.</p>, plain('approve')),
    act('reject', 'Reject the order', undoing, { ...plain('reject'), asksReason: true }),
    act(
      'suspend',
      'Suspend the saga',
      <p>It takes no further step until it is resumed. Nothing is undone.</p>,
    ),
    act('resume', 'Resume the saga', <p>It goes on where it stood.</p>),
    act('terminate', 'Terminate without undoing anything', <NothingUndone saga={saga} />),
    act('compensate', 'Undo what was done', undoing),
    act(
      'repair',
      'Look after it now',
      <p>A saga that is missing is started, one that did not hear is told again. Nothing is done twice.</p>,
    ),
  ];
}

function NothingUndone({ saga: { completedSteps } }: { readonly saga: SagaView }): JSX.Element {
  return (
    <p>
      <strong>Nothing is undone</strong>:{' '}
      {completedSteps.length === 0 ? 'no step' : completedSteps.map(words).join(', ')}{' '}
      {completedSteps.length === 1 ? 'stays' : 'stay'} as done. To take an order back, cancel it instead.
    </p>
  );
}

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
  const state = useActs();
  return (
    <section aria-label="What can be done">
      <ActButtons
        acts={actsOf(order, saga)}
        allowed={saga.allowedActions ?? []}
        state={state}
        of="the order"
      />
      <AskedAct state={state} onDone={props.onDone} />
    </section>
  );
}
