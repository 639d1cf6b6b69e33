// What is done to returns: asked for, their parcel arrives, they are inspected. Each is asked about in a dialog first.
import { signal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ReturnInQueue } from '../queries/inbox-views';
import type { OrderView } from '../queries/order-view';
import type { ReturnView } from '../queries/return-view';
import type { Act, ActState } from './asked-act';

/** The button for what the return waits for. */
export function ReturnAct(props: {
  readonly of: Pick<ReturnView, 'orderId' | 'number' | 'items'>;
  readonly waitsFor: ReturnInQueue['waitsFor'];
  readonly state: ActState;
}): JSX.Element | null {
  const { of, waitsFor, state } = props;
  if (waitsFor === null) return null;
  const act = waitsFor === 'parcel' ? arrival : inspection;
  return (
    <button type="button" onClick={() => (state.asked.value = act(of))}>
      {waitsFor === 'parcel' ? 'The parcel is here' : 'Inspect it'}
    </button>
  );
}

type Returned = Pick<ReturnView, 'orderId' | 'number' | 'items'>;

function arrival({ orderId, number }: Returned): Act {
  return {
    ...{ name: 'The parcel is here', does: 'The parcel is here', title: 'Is the parcel here?' },
    ...{ asksReason: 'never', follows: <p>It is inspected next.</p>, body: () => ({}) },
    path: `orders/${orderId}/returns/${number}/received`,
  };
}

function inspection({ orderId, number, items }: Returned): Act {
  const found = items.map(({ productId, quantity }) => ({
    ...{ productId, quantity, accepted: signal(quantity), damaged: signal(0) },
  }));
  return {
    ...{ name: 'Inspect it', does: 'Record it', title: 'What was in the parcel?', asksReason: 'never' },
    path: `orders/${orderId}/returns/${number}/inspection`,
    follows: (
      <>
        <p>The price of accepted pieces is given back; those that are not damaged go on the shelf.</p>
        {found.map(({ productId, quantity, accepted, damaged }) => (
          <p key={productId} class="buttons">
            <strong>
              {quantity} × {productId}
            </strong>
            <Pieces name={`Accepted ${productId}`} atMost={quantity} of={accepted} />
            <Pieces name={`Damaged ${productId}`} atMost={quantity} of={damaged} />
          </p>
        ))}
      </>
    ),
    body: () => ({
      items: found.map(({ productId, accepted, damaged }) => ({
        ...{ productId, accepted: accepted.value, damaged: damaged.value },
      })),
    }),
  };
}

/** Asks for a return of some pieces of an order. */
export function returnRequest({ id, items }: Pick<OrderView, 'id' | 'items'>): Act {
  const chosen = items.map(({ productId, quantity }, index) => ({
    ...{ productId, atMost: quantity, pieces: signal(index === 0 ? 1 : 0) },
  }));
  return {
    ...{ name: 'Return some', does: 'Ask for the return', title: 'What goes back?', asksReason: true },
    path: `orders/${id}/returns`,
    follows: chosen.map(({ productId, atMost, pieces }) => (
      <p key={productId}>
        <Pieces name={`Pieces of ${productId}`} atMost={atMost} of={pieces} />
      </p>
    )),
    body: (reason) => ({
      reason,
      items: chosen
        .filter(({ pieces }) => pieces.value > 0)
        .map(({ productId, pieces }) => ({ productId, quantity: pieces.value })),
    }),
  };
}

function Pieces(props: {
  readonly name: string;
  readonly atMost: number;
  readonly of: Signal<number>;
}): JSX.Element {
  const { name, atMost, of } = props;
  return (
    <label>
      {name}{' '}
      <input
        type="number"
        min="0"
        max={atMost}
        required
        value={of}
        onInput={({ currentTarget }) => (of.value = currentTarget.valueAsNumber)}
      />
    </label>
  );
}
