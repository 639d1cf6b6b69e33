// Page of one order: where it is and why, drawn and told event by event, live until it has ended.
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { AuditedEvent } from '../../queries/order-history';
import type { OrderView, SagaView } from '../../queries/order-view';
import { get, token, type Answer, type Problem } from '../api';
import { dayAndTime, money, timeOfDay, words } from '../format';
import { Acts } from '../order-acts';
import { TraceSection } from '../order-trace';
import { Status, Trouble } from '../parts';
import { addressOf, Link } from '../router';
import { sagaCourse } from '../saga-course';
import { SagaDrawing } from '../saga-drawing';

const POLL_MS = 1_000;
const ENDED = ['completed', 'delivered', 'failed', 'cancelled'];

/** `isStale`: an act may have changed more than its events tell. */
interface Seen {
  readonly isStale?: boolean;
  readonly order: OrderView;
  readonly saga: SagaView;
  readonly events: readonly AuditedEvent[];
}

export function OrderPage({ id }: { readonly id: string }): JSX.Element {
  const seen = useSignal<Seen | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isPaused = useSignal(false);
  useEffect(() => {
    seen.value = undefined;
    return follow(id, {
      isPaused: () => isPaused.value || document.hidden,
      known: () => seen.value,
      tell: (answer) => {
        if (answer.kind === 'ok') seen.value = answer.value;
        problem.value = answer.kind === 'ok' ? undefined : answer.problem;
      },
    });
  }, [id, token.value]);
  if (seen.value === undefined) {
    return problem.value === undefined ? (
      <p class="hint">Looking up the order …</p>
    ) : (
      <Trouble problem={problem.value} isFollowing />
    );
  }
  const { order, saga, events } = seen.value;
  return (
    <>
      <Heading order={order} isPaused={isPaused} />
      <Trouble problem={problem.value} isFollowing />
      <Why order={order} />
      <Acts order={order} saga={saga} onDone={() => (seen.value = { order, saga, events, isStale: true })} />
      <section aria-labelledby="course">
        <h2 id="course">Course of the saga</h2>
        <SagaDrawing lanes={sagaCourse(events, saga.currentStep, Date.now())} />
      </section>
      <Facts order={order} saga={saga} />
      <Events events={events} />
      <TraceSection
        orderId={id}
        version={order.version}
        isEnded={ENDED.includes(order.status)}
        isPaused={() => isPaused.value || document.hidden}
      />
      <details>
        <summary>As the API gives it</summary>
        <pre tabIndex={0}>{JSON.stringify({ order, saga }, null, 2)}</pre>
      </details>
    </>
  );
}

function Heading(props: { readonly order: OrderView; readonly isPaused: Signal<boolean> }): JSX.Element {
  const { order, isPaused } = props;
  return (
    <header class="page">
      <h1>
        Order <code>{order.id}</code>
      </h1>
      <p>
        <Status of={order.status} needsPerson={order.needsIntervention} />{' '}
        {!ENDED.includes(order.status) && (
          <button
            type="button"
            aria-pressed={isPaused.value}
            onClick={() => (isPaused.value = !isPaused.value)}
          >
            {isPaused.value ? 'Go on watching' : 'Pause'}
          </button>
        )}
      </p>
    </header>
  );
}

interface Follower {
  readonly isPaused: () => boolean;
  readonly known: () => Seen | undefined;
  readonly tell: (answer: Answer<Seen>) => void;
}

/** Asks for new events every second until the order has ended; gives what ends the asking. */
function follow(id: string, { isPaused, known, tell }: Follower): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const step = async (): Promise<void> => {
    if (!isPaused()) {
      const answer = await look(id, known());
      if (isOver) return;
      if (answer !== undefined) tell(answer);
    }
    timer = setTimeout(() => void step(), POLL_MS);
  };
  void step();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** The order as it is now; undefined when there is nothing new. */
async function look(id: string, known: Seen | undefined): Promise<Answer<Seen> | undefined> {
  const path = `orders/${encodeURIComponent(id)}`;
  const after = known?.events.at(-1)?.sequence ?? 0;
  const events = await get<readonly AuditedEvent[]>(`${path}/events?after=${after}&limit=1000`);
  if (events.kind === 'problem') return events;
  if (known !== undefined && events.value.length === 0 && known.isStale !== true) {
    // Nothing is new, but the system answers again, and what runs has run longer.
    return { kind: 'ok', next: undefined, value: { ...known } };
  }
  const [order, saga] = await Promise.all([get<OrderView>(path), get<SagaView>(`${path}/saga`)]);
  if (order.kind === 'problem') return order;
  if (saga.kind === 'problem') return saga;
  const all = [...(known?.events ?? []), ...events.value];
  return { kind: 'ok', next: undefined, value: { order: order.value, saga: saga.value, events: all } };
}

/** Why it did not work, in the words of the failure. */
function Why({ order }: { readonly order: OrderView }): JSX.Element | null {
  if (order.failureCode === null) return null;
  return (
    <p class="why">
      <strong>
        {order.failureCode}
        {order.failureDetailCode ? ` · ${order.failureDetailCode}` : ''}
      </strong>{' '}
      {order.failureReason}
    </p>
  );
}

function Facts({ order, saga }: { readonly order: OrderView; readonly saga: SagaView }): JSX.Element {
  const facts: readonly (readonly [string, JSX.Element | string | null])[] = [
    ['Customer', <Link to={addressOf('/', { customerId: order.customerId })}>{order.customerId}</Link>],
    ['Total', money(order.totalAmount, order.currency)],
    ['Coupon', order.coupon && `${order.coupon.code}, ${order.coupon.status}`],
    ['Discount', order.discountAmount === 0 ? null : money(order.discountAmount, order.currency)],
    ...order.payments.map(
      (payment, index) => [`Payment ${index + 1}`, paymentText(payment, order.currency)] as const,
    ),
    ['Placed', `${dayAndTime(order.createdAt)} UTC`],
    ['Reservation', saga.reservationId],
    ['Parcel', order.trackingId],
    [saga.mode === 'choreography' ? 'Choreography' : 'Orchestration', saga.runtimeStatus],
    ['Saga version', saga.definitionVersion === null ? null : String(saga.definitionVersion)],
  ];
  return (
    <div class="columns">
      <section aria-labelledby="facts">
        <h2 id="facts">Order</h2>
        <dl>
          {facts.map(([name, value]) =>
            value === null || value === '' ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </section>
      <section aria-labelledby="items">
        <h2 id="items">Items</h2>
        <table>
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col" class="number">
                Quantity
              </th>
              <th scope="col" class="number">
                Price
              </th>
            </tr>
          </thead>
          <tbody>
            {order.items.map(({ productId, productName, quantity, unitPrice }) => (
              <tr key={productId}>
                <td>
                  {productName} <code>{productId}</code>
                </td>
                <td class="number">{quantity}</td>
                <td class="number">{money(unitPrice, order.currency)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function paymentText(payment: OrderView['payments'][number], currency: string): string {
  const { method, amount, transactionId, refundedAmount } = payment;
  const refunded = refundedAmount === 0 ? '' : `, ${money(refundedAmount, currency)} given back`;
  return `${method} ${money(amount, currency)}${refunded}${transactionId === null ? '' : ` (${transactionId})`}`;
}

function Events({ events }: { readonly events: readonly AuditedEvent[] }): JSX.Element {
  return (
    <section aria-labelledby="events">
      <h2 id="events">Events</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Table of events">
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                #
              </th>
              <th scope="col">Time (UTC)</th>
              <th scope="col">Event</th>
              <th scope="col">By</th>
              <th scope="col">Status</th>
              <th scope="col">Data</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event) => (
              <tr key={event.sequence} class={event.actorKind}>
                <td class="number">{event.sequence}</td>
                <td>{timeOfDay(event.occurredAt)}</td>
                <td>{event.type}</td>
                <td>{event.actor}</td>
                <td>
                  {event.statusBefore === event.statusAfter
                    ? words(event.statusAfter)
                    : `${words(event.statusBefore ?? '')} → ${words(event.statusAfter)}`}
                </td>
                <td>
                  <details>
                    <summary>show</summary>
                    <pre tabIndex={0}>{JSON.stringify(event.data, null, 2)}</pre>
                  </details>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
