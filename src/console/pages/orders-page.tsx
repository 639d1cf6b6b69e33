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
] as const;

const ORDER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

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
  const asked = query.toString();
  useEffect(() => {
    orders.value = undefined;
    void load(`ops/orders?${asked}`, []);
  }, [asked, token.value]);
  return (
    <>
      <header class="page">
        <h1>Orders</h1>
      </header>
      <Filters query={query} onAgain={() => void load(`ops/orders?${asked}`, [])} />
      <Trouble problem={problem.value} />
      {orders.value !== undefined && <OrderTable orders={orders.value} />}
      {next.value !== undefined && (
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
  onAgain,
}: {
  readonly query: URLSearchParams;
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
        const text = search.value.trim();
        if (ORDER_ID.test(text)) go(addressOf(`/orders/${text.toLowerCase()}`));
        else show({ customerId: text });
      }}
    >
      <Presets shown={given('show')} />
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
        Order or customer{' '}
        <input
          type="search"
          placeholder={given('customerId') || 'id'}
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

function Presets({ shown }: { readonly shown: string }): JSX.Element {
  return (
    <nav aria-label="Presets" class="presets">
      {PRESETS.map(([name, preset]) => (
        <Link key={name} to={addressOf('/', { show: preset })} current={shown === preset}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function OrderTable({ orders }: { readonly orders: readonly OrderSummary[] }): JSX.Element {
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
