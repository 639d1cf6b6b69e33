// Page with the orders of the customer who is signed in.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { OrderSummary } from '../../queries/order-view';
import { get, token, type Problem } from '../api';
import { Trouble } from '../parts';
import { OrderTable } from './orders-page';

export function OwnOrdersPage({ customerId }: { readonly customerId: string }): JSX.Element {
  const orders = useSignal<readonly OrderSummary[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    const path = `orders/customer/${encodeURIComponent(customerId)}`;
    void get<readonly OrderSummary[]>(path).then((answer) => {
      problem.value = answer.kind === 'problem' ? answer.problem : undefined;
      if (answer.kind === 'ok') orders.value = answer.value;
    });
  }, [customerId, token.value]);
  return (
    <>
      <header class="page">
        <h1>Your orders</h1>
      </header>
      <Trouble problem={problem.value} />
      {orders.value !== undefined && <OrderTable orders={orders.value} />}
    </>
  );
}
