// Part of the inbox for operators who look after the system: whether orders are taken, and orders that make no progress.
import type { JSX } from 'preact';
import { ActButtons, type ActState, type Allowed } from '../asked-act';
import { dayAndTime, words } from '../format';
import { addressOf, Link } from '../router';
import { Queue } from './inbox-page';

export interface IntakeAnswer {
  readonly paused: boolean;
  readonly by: string | null;
  readonly at: string | null;
  readonly reason: string | null;
  readonly allowedActions: readonly Allowed[];
}

export interface StuckAnswer {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: string;
  readonly since: string;
  readonly minutes: number;
  readonly reason: string;
  readonly detail: string;
  readonly allowedActions: readonly Allowed[];
}

export function Upkeep(props: {
  readonly stuck: readonly StuckAnswer[];
  readonly intake: IntakeAnswer | undefined;
  readonly state: ActState;
}): JSX.Element {
  return (
    <>
      <Queue
        title="No progress"
        count={props.stuck.length}
        empty="Every order that should go on does."
        columns={['Since (UTC)', 'Order', 'Status', 'Why', 'Do']}
      >
        {props.stuck.map((one) => (
          <tr key={one.orderId}>
            <td>
              {dayAndTime(one.since)}, {one.minutes} min
            </td>
            <td>
              <Link to={addressOf(`/orders/${one.orderId}`)}>{one.orderId}</Link>
            </td>
            <td>{words(one.status)}</td>
            <td>{one.detail}</td>
            <td>
              <ActButtons
                acts={[{ action: 'repair', act: repair(one) }]}
                allowed={one.allowedActions}
                state={props.state}
                of={`order ${one.orderId}`}
              />
            </td>
          </tr>
        ))}
      </Queue>
      {props.intake !== undefined && <Intake intake={props.intake} state={props.state} />}
    </>
  );
}

function repair({ orderId }: StuckAnswer) {
  return {
    ...{ name: 'Look after it', does: 'Look after it now', title: 'Look after it now?', asksReason: true },
    path: `ops/orders/${orderId}/repair`,
    follows: <p>A saga that is missing is started, one that did not hear is told again.</p>,
  };
}

function Intake(props: { readonly intake: IntakeAnswer; readonly state: ActState }): JSX.Element {
  const { paused, by, at, reason, allowedActions } = props.intake;
  const act = (action: string, does: string, follows: string) => ({
    action,
    act: {
      ...{ name: does, does, title: `${does}?`, asksReason: true, follows: <p>{follows}</p> },
      path: `ops/intake/${action}`,
    },
  });
  return (
    <section aria-labelledby="intake">
      <h2 id="intake">Intake of orders</h2>
      <p>
        {paused ? <strong>Orders are not taken</strong> : 'Orders are taken'}
        {at !== null && `: ${by ?? ''} at ${dayAndTime(at)} UTC, ${reason ?? ''}`}
      </p>
      <ActButtons
        acts={[
          act('pause', 'Pause intake', 'New orders get a 503, messages wait. Sagas that run go on.'),
          act('resume', 'Resume intake', 'Orders are taken again.'),
        ].filter(({ action }) => (action === 'pause') !== paused)}
        allowed={allowedActions}
        state={props.state}
        of="intake"
      />
    </section>
  );
}
