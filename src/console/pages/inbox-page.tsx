// Page of what waits for a person: interventions, approvals, returns, orders that make no progress, and whether orders are taken.
import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApprovalInQueue, InterventionView, ReturnInQueue } from '../../queries/inbox-views';
import { get, token, type Problem } from '../api';
import { ActButtons, AskedAct, useActs, type ActState, type Allowed } from '../asked-act';
import { dayAndTime, duration, money, words } from '../format';
import { Trouble } from '../parts';
import { ReturnAct } from '../return-acts';
import { addressOf, Link } from '../router';
import { Upkeep, type IntakeAnswer, type StuckAnswer } from './upkeep';

type WithActs<T> = T & { readonly allowedActions: readonly Allowed[] };

/** What the API gave; undefined before its first answer. */
interface Seen {
  readonly interventions: readonly WithActs<InterventionView>[];
  readonly approvals: readonly WithActs<ApprovalInQueue>[];
  readonly returns: readonly ReturnInQueue[];
  readonly stuck: readonly StuckAnswer[];
  readonly intake: IntakeAnswer | undefined;
}

const POLL_MS = 3_000;

export function InboxPage(): JSX.Element {
  const seen = useSignal<Seen | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const state = useActs();
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = async (): Promise<void> => {
      if (!document.hidden && state.asked.value === undefined) await load(seen, problem, () => isOver);
      if (!isOver) timer = setTimeout(() => void step(), POLL_MS);
    };
    void step();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [token.value]);
  const again = (): void => void load(seen, problem, () => false);
  return (
    <>
      <header class="page">
        <h1>Inbox</h1>
      </header>
      <Trouble problem={problem.value} isFollowing />
      <AskedAct state={state} onDone={again} />
      {seen.value !== undefined && (
        <>
          <Interventions of={seen.value.interventions} state={state} />
          <Approvals of={seen.value.approvals} state={state} />
          <Returns of={seen.value.returns} state={state} />
          <Upkeep stuck={seen.value.stuck} intake={seen.value.intake} state={state} />
        </>
      )}
    </>
  );
}

async function load(
  seen: Signal<Seen | undefined>,
  problem: Signal<Problem | undefined>,
  isOver: () => boolean,
): Promise<void> {
  const [interventions, approvals, returns, stuck, intake] = await Promise.all([
    get<Seen['interventions']>('ops/interventions?limit=100'),
    get<Seen['approvals']>('ops/approvals?limit=100'),
    get<Seen['returns']>('ops/returns?limit=100'),
    get<Seen['stuck']>('ops/stuck?limit=100'),
    get<IntakeAnswer>('ops/intake'),
  ]);
  if (isOver()) return;
  const failed = [interventions, approvals, returns, stuck].find(({ kind }) => kind === 'problem');
  problem.value = failed?.kind === 'problem' ? failed.problem : undefined;
  if (interventions.kind === 'ok' && approvals.kind === 'ok' && returns.kind === 'ok' && stuck.kind === 'ok')
    seen.value = {
      ...{ interventions: interventions.value, approvals: approvals.value, returns: returns.value },
      stuck: stuck.value,
      // Only operators may see it.
      intake: intake.kind === 'ok' ? intake.value : undefined,
    };
}

/** A table under its heading, or a line where nothing is in it. */
export function Queue(props: {
  readonly title: string;
  readonly count: number;
  readonly empty: string;
  readonly columns: readonly string[];
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = words(props.title).replaceAll(' ', '-');
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {props.title} ({props.count})
      </h2>
      {props.count === 0 ? (
        <p class="hint">{props.empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {props.columns.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{props.children}</tbody>
        </table>
      )}
    </section>
  );
}

function Interventions(props: { readonly of: Seen['interventions']; readonly state: ActState }): JSX.Element {
  return (
    <Queue
      title="Interventions"
      count={props.of.length}
      empty="Nothing waits to be settled."
      columns={['Since (UTC)', 'Order', 'What', 'Why', 'Claimed by', 'Do']}
    >
      {props.of.map((one) => (
        <tr key={one.id}>
          <td>{dayAndTime(one.openedAt)}</td>
          <td>
            <Link to={addressOf(`/orders/${one.orderId}`)}>{one.orderId}</Link>
            <br />
            {one.customerId}
          </td>
          <td>
            {words(one.step)}
            {one.amount !== null && `, ${money(one.amount, one.currency)}`}
            {one.attempts > 1 && ` ×${one.attempts}`}
          </td>
          <td>
            <strong>{one.detailCode}</strong> {one.reason}
          </td>
          <td>{one.claimedBy ?? ''}</td>
          <td>
            <ActButtons
              acts={interventionActs(one)}
              allowed={one.allowedActions}
              state={props.state}
              of={`intervention ${one.id}`}
            />
          </td>
        </tr>
      ))}
    </Queue>
  );
}

function interventionActs({ id, orderId, step, kind }: InterventionView) {
  const act = (action: string, name: string, does: string, follows: string, path?: string) => ({
    action,
    act: {
      ...{ name, does, title: `${does}?`, asksReason: true, follows: <p>{follows}</p> },
      path: path ?? `ops/interventions/${id}/${action}`,
    },
  });
  const again = kind === 'return' ? 'What is left of the return' : `Only ${words(step)}`;
  return [
    act('claim', 'Claim', 'Claim it', 'Nobody else acts on it until it is released.'),
    act('release', 'Release', 'Release it', 'Anybody may claim it again.'),
    act(
      'retry',
      'Try again',
      'Try it again',
      `${again} is done, under the key it had: nothing happens twice.`,
    ),
    act('resolve', 'Resolve', 'Resolve it with a note', 'Nothing is done: say how it was settled outside.'),
    act(
      'compensate',
      'Compensate now',
      'Undo what was done',
      'Everything that was done for the order is undone, latest first, and it ends without success.',
      `ops/orders/${orderId}/compensate`,
    ),
  ];
}

function Approvals(props: { readonly of: Seen['approvals']; readonly state: ActState }): JSX.Element {
  return (
    <Queue
      title="Approvals"
      count={props.of.length}
      empty="No order waits for an approval."
      columns={['Order', 'Customer', 'Total', 'Limit', 'Left', 'Do']}
    >
      {props.of.map((one) => (
        <tr key={one.orderId}>
          <td>
            <Link to={addressOf(`/orders/${one.orderId}`)}>{one.orderId}</Link>
          </td>
          <td>{one.customerId}</td>
          <td>{money(one.totalAmount, one.currency)}</td>
          <td>{money(one.limit, one.currency)}</td>
          <td>
            {duration(one.secondsLeft * 1_000)}, then{' '}
            {one.whenUnanswered === 'approve' ? 'approved' : 'rejected'}
          </td>
          <td>
            <ActButtons
              acts={approvalActs(one)}
              allowed={one.allowedActions}
              state={props.state}
              of={`order ${one.orderId}`}
            />
          </td>
        </tr>
      ))}
    </Queue>
  );
}

function approvalActs({ orderId }: ApprovalInQueue) {
  const act = (action: string, does: string, follows: string, asksReason: boolean) => ({
    action,
    act: {
      ...{ name: does, does: `${does} the order`, title: `${does} the order?`, asksReason },
      ...{ path: `orders/${orderId}/${action}`, follows: <p>{follows}</p> },
    },
  });
  return [
    act('approve', 'Approve', 'It goes on and is shipped.', false),
    act('reject', 'Reject', 'What was done is undone, and the order ends cancelled.', true),
  ];
}

const WAITS = { parcel: 'its parcel', inspection: 'an inspection' } as const;

function Returns(props: { readonly of: readonly ReturnInQueue[]; readonly state: ActState }): JSX.Element {
  return (
    <Queue
      title="Returns"
      count={props.of.length}
      empty="No return is under way."
      columns={['Order', 'Customer', 'Items', 'Reason', 'Waits for', 'Do']}
    >
      {props.of.map((one) => (
        <tr key={`${one.orderId}:${one.number}`}>
          <td>
            <Link to={addressOf(`/orders/${one.orderId}`)}>{one.orderId}</Link> · {one.number}
          </td>
          <td>{one.customerId}</td>
          <td>{one.items.map(({ productId, quantity }) => `${quantity} × ${productId}`).join(', ')}</td>
          <td>{one.reason}</td>
          <td>{one.waitsFor === null ? words(one.status) : WAITS[one.waitsFor]}</td>
          <td>
            <ReturnAct of={one} waitsFor={one.waitsFor} state={props.state} />
          </td>
        </tr>
      ))}
    </Queue>
  );
}
