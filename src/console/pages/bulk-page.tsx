// Page of bulk operations: which orders, a dry run, the start with its reason, and those that were started before.
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { BulkAct } from '../../domain/bulk';
import { ORDER_STATUSES } from '../../domain/order-status';
import { get, post, token, type Problem } from '../api';
import { dayAndTime, words } from '../format';
import { Question, Trouble } from '../parts';
import { addressOf, go, Link, place } from '../router';
import type { BulkView } from './bulk-progress';

const ACTS: readonly (readonly [BulkAct, string])[] = [
  ['cancel', 'Cancel: undo what was done, unless it is shipped'],
  ['compensate', 'Compensate: undo what no saga carries on any more'],
  ['restart', 'Restart: sagas that failed or were terminated begin again'],
  ['purge', 'Purge: archive the durable histories of ended orders now'],
];
const SHOWN = [
  ['', 'any'],
  ['inFlight', 'in flight'],
  ['needsPerson', 'needs a person'],
] as const;

/** What a dry run says, and the key under which it is started: a double click starts once. */
interface Counted {
  readonly matched: number;
  readonly isAtLeast: boolean;
  readonly cutOff: string;
  readonly examples: readonly string[];
  readonly key: string;
}

const FIELDS = ['show', 'status', 'customerId', 'from', 'to'] as const;

function askedOf(query: URLSearchParams): { readonly act: string; readonly filter: object } {
  const given = FIELDS.flatMap((name) => {
    const value = query.get(name) ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return {
    act: query.get('act') ?? 'cancel',
    filter: given.length === 0 ? { all: true } : Object.fromEntries(given),
  };
}

export function BulkPage(): JSX.Element {
  const { query } = place.value;
  const asked = query.toString();
  const counted = useSignal<Counted | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isAsked = useSignal(false);
  useEffect(() => {
    counted.value = undefined;
    problem.value = undefined;
  }, [asked]);
  const count = async (): Promise<void> => {
    const body = { ...askedOf(query), reason: 'dry run', dryRun: true };
    const answer = await post<Omit<Counted, 'key'>>('ops/bulk', body);
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    if (answer.kind === 'ok') counted.value = { ...answer.value, key: crypto.randomUUID() };
  };
  const start = async ({ cutOff, key }: Counted, reason: string): Promise<void> => {
    const body = { ...askedOf(query), reason, cutOff };
    const answer = await post<BulkView>('ops/bulk', body, { 'idempotency-key': key });
    isAsked.value = false;
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    if (answer.kind === 'ok') go(addressOf(`/bulk/${answer.value.id}`));
  };
  return (
    <>
      <header class="page">
        <h1>Bulk</h1>
      </header>
      <Filter query={query} onCount={() => void count()} />
      <Trouble problem={problem.value} />
      {counted.value !== undefined && (
        <Count counted={counted.value} onStart={() => (isAsked.value = true)} />
      )}
      {isAsked.value && counted.value !== undefined && (
        <Start counted={counted.value} act={query.get('act') ?? 'cancel'} isAsked={isAsked} onYes={start} />
      )}
      <Earlier />
    </>
  );
}

function Filter(props: { readonly query: URLSearchParams; readonly onCount: () => void }): JSX.Element {
  const given = (name: string): string => props.query.get(name) ?? '';
  const show = (name: string, value: string): void => {
    const fields = Object.fromEntries(['act', ...FIELDS].map((field) => [field, given(field)]));
    go(addressOf('/bulk', { ...fields, [name]: value }), true);
  };
  const text = (name: (typeof FIELDS)[number], label: string, hint: string): JSX.Element => (
    <label>
      {label}{' '}
      <input
        value={given(name)}
        placeholder={hint}
        onChange={({ currentTarget }) => show(name, currentTarget.value.trim())}
      />
    </label>
  );
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        props.onCount();
      }}
    >
      <Choice
        label="Act"
        value={given('act') || 'cancel'}
        options={ACTS}
        onPick={(value) => show('act', value)}
      />
      <Choice label="Show" value={given('show')} options={SHOWN} onPick={(value) => show('show', value)} />
      <Choice
        label="Status"
        value={given('status')}
        options={[['', 'any'], ...ORDER_STATUSES.map((status) => [status, words(status)] as const)]}
        onPick={(value) => show('status', value)}
      />
      {text('customerId', 'Customer', 'id')}
      {text('from', 'Placed from (UTC)', '2026-01-31T12:00:00Z')}
      {text('to', 'Placed before (UTC)', '2026-01-31T13:00:00Z')}
      <button type="submit">Dry run</button>
    </form>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onPick: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      {props.label}{' '}
      <select value={props.value} onChange={({ currentTarget }) => props.onPick(currentTarget.value)}>
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Count({
  counted,
  onStart,
}: {
  readonly counted: Counted;
  readonly onStart: () => void;
}): JSX.Element {
  const { matched, isAtLeast, cutOff, examples } = counted;
  return (
    <section aria-label="Dry run" aria-live="polite">
      <p>
        <strong>
          {matched} {matched === 1 ? 'order' : 'orders'}
          {isAtLeast && ' or more'}
        </strong>{' '}
        placed before {cutOff}. What comes later is not touched.
      </p>
      {examples.length > 0 && (
        <ul>
          {examples.map((id) => (
            <li key={id}>
              <Link to={addressOf(`/orders/${id}`)}>{id}</Link>
            </li>
          ))}
        </ul>
      )}
      <p class="buttons">
        <button type="button" class="strong" disabled={matched === 0} onClick={onStart}>
          Start
        </button>
      </p>
    </section>
  );
}

function Start(props: {
  readonly counted: Counted;
  readonly act: string;
  readonly isAsked: Signal<boolean>;
  readonly onYes: (counted: Counted, reason: string) => Promise<void>;
}): JSX.Element {
  const isBusy = useSignal(false);
  const { matched } = props.counted;
  return (
    <Question
      title={`${words(props.act)} ${matched} ${matched === 1 ? 'order' : 'orders'}?`}
      does="Start"
      asksReason
      isBusy={isBusy.value}
      onYes={(reason) => {
        isBusy.value = true;
        void props.onYes(props.counted, reason);
      }}
      onClose={() => (props.isAsked.value = false)}
    >
      <p>It goes on by itself, page by page, and can be stopped. What is done stays done.</p>
    </Question>
  );
}

function Earlier(): JSX.Element | null {
  const earlier = useSignal<readonly BulkView[]>([]);
  useEffect(() => {
    void get<readonly BulkView[]>('ops/bulk').then((answer) => {
      if (answer.kind === 'ok') earlier.value = answer.value;
    });
  }, [token.value]);
  if (earlier.value.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Started (UTC)</th>
          <th scope="col">Act</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Done
          </th>
          <th scope="col">Who and why</th>
        </tr>
      </thead>
      <tbody>
        {earlier.value.map(({ id, act, state, done, matched, operator, reason, startedAt }) => (
          <tr key={id}>
            <td>
              <Link to={addressOf(`/bulk/${id}`)}>{dayAndTime(startedAt)}</Link>
            </td>
            <td>{act}</td>
            <td>{state}</td>
            <td class="number">
              {done} of {matched}
            </td>
            <td>
              {operator}: {reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
