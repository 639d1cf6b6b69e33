// Page of one bulk operation: how far it is, which orders were not acted on, and the way to stop it.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BulkOperation, BulkProblem, BulkState } from '../../domain/bulk';
import { get, post, token, type Problem } from '../api';
import { dayAndTime } from '../format';
import { Question, Trouble } from '../parts';
import { addressOf, Link } from '../router';

/** As the API shows an operation. */
export type BulkView = Pick<
  BulkOperation,
  'id' | 'act' | 'cutOff' | 'matched' | 'done' | 'refused' | 'failed' | 'operator' | 'reason' | 'startedAt'
> & {
  readonly state: BulkState | 'stopping';
  readonly remaining: number | null;
  readonly endedAt: string | null;
};

type Watched = BulkView & { readonly problems: readonly BulkProblem[] };

const AGAIN_MS = 1_000;
const isOver = (bulk: BulkView | undefined): boolean =>
  bulk?.state === 'completed' || bulk?.state === 'stopped';

export function BulkProgress({ id }: { readonly id: string }): JSX.Element {
  const bulk = useSignal<Watched | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isAsked = useSignal(false);
  const isBusy = useSignal(false);
  const load = async (): Promise<void> => {
    const answer = await get<Watched>(`ops/bulk/${id}`);
    // A host that is away for a moment is asked again; what was seen stays.
    if (answer.kind === 'ok') bulk.value = answer.value;
    problem.value =
      answer.kind === 'problem' && bulk.value === undefined && answer.problem.status !== 0
        ? answer.problem
        : undefined;
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      if (!document.hidden && !isOver(bulk.value)) void load();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [id, token.value]);
  const stop = async (reason: string): Promise<void> => {
    isBusy.value = true;
    const answer = await post(`ops/bulk/${id}/stop`, { reason });
    isBusy.value = false;
    isAsked.value = false;
    await load();
    if (answer.kind === 'problem') problem.value = answer.problem;
  };
  return (
    <>
      <header class="page">
        <h1>Bulk operation</h1>
        <p>
          <Link to={addressOf('/bulk')}>All of them</Link>
        </p>
      </header>
      <Trouble problem={problem.value} />
      {bulk.value !== undefined && <Progress bulk={bulk.value} onStop={() => (isAsked.value = true)} />}
      {bulk.value !== undefined && <Problems problems={bulk.value.problems} />}
      {isAsked.value && (
        <Question
          title="Stop it?"
          does="Stop"
          asksReason
          isBusy={isBusy.value}
          onYes={(reason) => void stop(reason)}
          onClose={() => (isAsked.value = false)}
        >
          <p>It ends before its next page. What is done stays done.</p>
        </Question>
      )}
    </>
  );
}

function Progress({ bulk, onStop }: { readonly bulk: Watched; readonly onStop: () => void }): JSX.Element {
  const { act, state, matched, done, refused, failed, remaining } = bulk;
  const seen = done + refused + failed;
  return (
    <section aria-label="Progress">
      <p>
        <strong>{act}</strong> by {bulk.operator}: {bulk.reason}
      </p>
      <progress aria-label="Orders that were looked at" max={Math.max(matched, seen, 1)} value={seen} />
      <p aria-live="polite">
        {state}: {done} done, {refused} refused, {failed} failed,{' '}
        {remaining === null ? 'the rest is not counted' : `${remaining} to go`}
      </p>
      <p class="hint">
        Started {dayAndTime(bulk.startedAt)}
        {bulk.endedAt !== null && `, ended ${dayAndTime(bulk.endedAt)}`} (UTC). Orders placed at {bulk.cutOff}{' '}
        or later are not touched.
      </p>
      <p class="buttons">
        <button type="button" disabled={state !== 'running'} onClick={onStop}>
          Stop
        </button>
      </p>
    </section>
  );
}

function Problems({ problems }: { readonly problems: readonly BulkProblem[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <table>
      <caption>Orders that were not acted on (the first 100)</caption>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">What</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {problems.map(({ orderId, kind, why }) => (
          <tr key={orderId}>
            <td>
              <Link to={addressOf(`/orders/${orderId}`)}>{orderId}</Link>
            </td>
            <td>{kind}</td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
