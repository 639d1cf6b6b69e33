// Page of a demo shop: places an order and leads to its page. What it sends is what any client may send.
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { OrderView } from '../../queries/order-view';
import { post, type Problem } from '../api';
import { money } from '../format';
import { Trouble } from '../parts';
import { addressOf, go } from '../router';

const SHELF = [
  { productId: 'prod-001', productName: 'Desk lamp', unitPrice: 49.99 },
  { productId: 'prod-002', productName: 'Notebook', unitPrice: 9.99 },
  { productId: 'prod-003', productName: 'Chair', unitPrice: 249 },
] as const;

const ADDRESS = {
  name: 'A. Customer',
  line1: '1 Main St',
  city: 'Springfield',
  postalCode: '12345',
  country: 'US',
};

/** A sum of money, as an `<input>` checks it. */
const AMOUNT = '\\d+(\\.\\d\\d?)?';

type Quantities = Readonly<Record<string, number>>;

export function ShopPage(): JSX.Element {
  const quantities = useSignal<Quantities>({ 'prod-001': 1 });
  const customerId = useSignal('cust-1');
  const coupon = useSignal('');
  const giftCard = useSignal('');
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | undefined>(undefined);
  // What stands in the form is one order, however often the button is pressed or an answer is lost.
  const key = useRef(crypto.randomUUID());
  const items = itemsOf(quantities.value);
  const changed = (): void => void (key.current = crypto.randomUUID());
  const place = async (): Promise<void> => {
    isBusy.value = true;
    const body = orderOf(customerId.value.trim(), coupon.value.trim(), giftCard.value, items);
    const answer = await post<OrderView>('orders', body, { 'Idempotency-Key': key.current });
    isBusy.value = false;
    if (answer.kind === 'ok') go(addressOf(`/orders/${answer.value.id}`));
    else problem.value = answer.problem;
  };
  return (
    <>
      <header class="page">
        <h1>Shop</h1>
      </header>
      <form
        class="shop"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy.value) void place();
        }}
      >
        <Shelf quantities={quantities} onChange={changed} />
        <p>
          <Field name="Customer" value={customerId} onChange={changed} isNeeded />{' '}
          <Field name="Coupon" value={coupon} onChange={changed} />{' '}
          <Field name="Of it by gift card (USD)" value={giftCard} onChange={changed} pattern={AMOUNT} />
        </p>
        <p class="buttons">
          <button type="submit" class="strong" disabled={isBusy.value || items.length === 0}>
            Order for {money(totalOf(items), 'USD')}
          </button>
        </p>
        <Trouble problem={problem.value} />
      </form>
    </>
  );
}

type Item = (typeof SHELF)[number] & { readonly quantity: number };

function itemsOf(quantities: Quantities): readonly Item[] {
  return SHELF.flatMap((product) => {
    const quantity = quantities[product.productId] ?? 0;
    return quantity > 0 ? [{ ...product, quantity }] : [];
  });
}

function totalOf(items: readonly Item[]): number {
  return (
    items.reduce((sum, { unitPrice, quantity }) => sum + Math.round(unitPrice * 100) * quantity, 0) / 100
  );
}

/** `giftCard`: how much of it is paid so, the rest by card; empty = all by card. */
function orderOf(customerId: string, couponCode: string, giftCard: string, items: readonly Item[]): object {
  const payments = [{ method: 'giftCard', amount: Number(giftCard) }, { method: 'card' }];
  return {
    ...{ customerId, items, shippingAddress: ADDRESS },
    ...(couponCode === '' ? {} : { couponCode }),
    ...(giftCard === '' ? {} : { payments }),
  };
}

function Shelf(props: {
  readonly quantities: Signal<Quantities>;
  readonly onChange: () => void;
}): JSX.Element {
  const { quantities, onChange } = props;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col" class="number">
            Price
          </th>
          <th scope="col">Quantity</th>
        </tr>
      </thead>
      <tbody>
        {SHELF.map(({ productId, productName, unitPrice }) => (
          <tr key={productId}>
            <td>
              <label for={productId}>{productName}</label>
            </td>
            <td class="number">{money(unitPrice, 'USD')}</td>
            <td>
              <input
                id={productId}
                type="number"
                min="0"
                max="100"
                value={quantities.value[productId] ?? 0}
                onInput={({ currentTarget }) => {
                  onChange();
                  quantities.value = { ...quantities.value, [productId]: currentTarget.valueAsNumber || 0 };
                }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Field(props: {
  readonly name: string;
  readonly value: { value: string };
  readonly onChange: () => void;
  readonly isNeeded?: boolean;
  readonly pattern?: string;
}): JSX.Element {
  return (
    <label>
      {props.name}{' '}
      <input
        required={props.isNeeded === true}
        maxLength={64}
        pattern={props.pattern}
        value={props.value.value}
        onInput={({ currentTarget }) => {
          props.onChange();
          props.value.value = currentTarget.value;
        }}
      />
    </label>
  );
}
