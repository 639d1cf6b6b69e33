// Page with the orders of all customers: every filter stands in the address.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ORDER_STATUSES } from '../../domain/order-status';
import type { OrderSummary } from '../../queries/order-view';
import { get, token, type Problem } from '../api';
import { dayAndTime, money, words } from '../format';
import { Status, Trouble } from '../parts';
import { addressOf, go, Link, place } from '../router';

const PRESETS = [
  ['All', ''],
  ['In flight', 'inFlight'],
  ['Need a person', 'needsPerson'],
  ['Stuck', 'stuck'],
] as const;

type Counts = Readonly<Record<'inFlight' | 'needsPerson' | 'stuck', number>>;

export function OrdersPage(): JSX.Element {
  const { query } = place.value;
  const orders = useSignal<readonly OrderSummary[] | undefined>(undefined);
  const next = useSignal<string | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const load = async (path: string, before: readonly OrderSummary[]): Promise<void> => {
    const answer = await get<readonly OrderSummary[]>(path);
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    if (answer.kind === 'problem') return;
    orders.value = [...before, ...answer.value];
    next.value = answer.next;
  };
  const counts = useSignal<Counts | undefined>(undefined);
  const searched = query.get('id') ?? '';
  const filters = new URLSearchParams(query);
  filters.delete('id');
  const asked = filters.toString();
  const look = (): void => {
    void load(`ops/orders?${asked}`, []);
    void get<Counts>('ops/orders/counts').then((answer) => {
      if (answer.kind === 'ok') counts.value = answer.value;
    });
  };
  useEffect(() => {
    orders.value = undefined;
    if (searched === '') look();
  }, [asked, searched, token.value]);
  return (
    <>
      <header class="page">
        <h1>Orders</h1>
      </header>
      <Filters query={query} counts={counts.value} onAgain={look} />
      {searched !== '' && <Found id={searched} />}
      <Trouble problem={problem.value} />
      {searched === '' && orders.value !== undefined && <OrderTable orders={orders.value} />}
      {searched === '' && next.value !== undefined && (
        <p>
          <button type="button" onClick={() => void load(next.value ?? '', orders.value ?? [])}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

function Filters({
  query,
  counts,
  onAgain,
}: {
  readonly query: URLSearchParams;
  readonly counts: Counts | undefined;
  readonly onAgain: () => void;
}): JSX.Element {
  const given = (name: string): string => query.get(name) ?? '';
  const search = useSignal('');
  const show = (changes: Readonly<Record<string, string>>): void =>
    go(
      addressOf('/', {
        show: given('show'),
        status: given('status'),
        customerId: given('customerId'),
        ...changes,
      }),
    );
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        go(addressOf('/', { id: search.value.trim() }));
      }}
    >
      <Presets shown={given('show')} counts={counts} />
      <label>
        Status{' '}
        <select
          value={given('status')}
          onChange={({ currentTarget }) => show({ status: currentTarget.value })}
        >
          <option value="">any</option>
          {ORDER_STATUSES.map((status) => (
            <option key={status} value={status}>
              {words(status)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Any id{' '}
        <input
          type="search"
          maxLength={200}
          placeholder="order, customer, parcel, charge, correlation, message"
          value={search}
          onInput={({ currentTarget }) => (search.value = currentTarget.value)}
        />
      </label>
      <button type="submit">Find</button>
      <button type="button" onClick={onAgain}>
        Look again
      </button>
    </form>
  );
}

function Presets(props: { readonly shown: string; readonly counts: Counts | undefined }): JSX.Element {
  const { shown, counts } = props;
  return (
    <nav aria-label="Presets" class="presets">
      {PRESETS.map(([name, preset]) => (
        <Link key={name} to={addressOf('/', { show: preset })} current={shown === preset}>
          {name}
          {preset !== '' && counts !== undefined && ` (${counts[preset]})`}
        </Link>
      ))}
    </nav>
  );
}

interface FoundOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly by: string;
}

/** What an id belongs to. One order is led to at once, a customer to the list of theirs. */
function Found({ id }: { readonly id: string }): JSX.Element {
  const found = useSignal<readonly FoundOrder[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    found.value = undefined;
    void get<readonly FoundOrder[]>(`ops/orders/find?id=${encodeURIComponent(id)}`).then((answer) => {
      problem.value = answer.kind === 'problem' ? answer.problem : undefined;
      if (answer.kind === 'problem') return;
      const ids = [...new Set(answer.value.map(({ orderId }) => orderId))];
      const [first] = answer.value;
      if (first?.by === 'customer') go(addressOf('/', { customerId: id }), true);
      else if (ids.length === 1) go(addressOf(`/orders/${ids[0]}`), true);
      else found.value = answer.value;
    });
  }, [id, token.value]);
  return (
    <>
      <Trouble problem={problem.value} />
      {found.value?.length === 0 && <p class="hint">Nothing has the id {id}.</p>}
      <ul>
        {found.value?.map(({ orderId, by }) => (
          <li key={orderId}>
            {by}: <Link to={addressOf(`/orders/${orderId}`)}>{orderId}</Link>
          </li>
        ))}
      </ul>
    </>
  );
}

export function OrderTable({ orders }: { readonly orders: readonly OrderSummary[] }): JSX.Element {
  if (orders.length === 0) return <p class="hint">No order is like that.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Placed (UTC)</th>
          <th scope="col">Order</th>
          <th scope="col">Customer</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">
            Total
          </th>
          <th scope="col">Why not</th>
        </tr>
      </thead>
      <tbody>
        {orders.map((order) => (
          <tr key={order.id}>
            <td>{dayAndTime(order.createdAt)}</td>
            <td>
              <Link to={addressOf(`/orders/${order.id}`)}>{order.id}</Link>
            </td>
            <td>{order.customerId}</td>
            <td>
              <Status of={order.status} needsPerson={order.needsIntervention} />
            </td>
            <td class="number">{money(order.totalAmount, order.currency)}</td>
            <td>{order.failureDetailCode ?? order.failureCode ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
