// Section of the playground: the orders that were placed there, what is done to them, and whether money and stock balance.
import type { JSX } from 'preact';
import type { Effected } from '../../ports/simulators';
import type { OrderView } from '../../queries/order-view';
import type { ReturnView } from '../../queries/return-view';
import { post, type Answer } from '../api';
import type { ActState } from '../asked-act';
import { balanceOf, isOpen, total, WON, type Balance } from '../balance';
import { words } from '../format';
import { Status } from '../parts';
import type { PlaygroundScenario, Then } from '../playground-scenarios';
import { ReturnAct, returnRequest } from '../return-acts';
import { addressOf, Link } from '../router';

export interface Played {
  readonly scenario: PlaygroundScenario;
  readonly order: OrderView;
}

const MONEY = ['Charged', 'Refunded'];
const STOCK = ['Reserved', 'Released', 'Confirmed', 'Restocked'];
const COLUMNS = ['Order', 'Status', ...MONEY, ...STOCK, 'Balance'];

export function Books(props: {
  readonly played: readonly Played[];
  readonly effects: readonly Effected[];
  readonly returns: ActState;
  readonly onAct: (act: Promise<Answer<unknown>>) => void;
}): JSX.Element {
  const { played, effects, returns, onAct } = props;
  const balances = played.map(({ order }) => balanceOf(order, effects));
  return (
    <section aria-labelledby="books">
      <h2 id="books">Books</h2>
      {played.length === 0 && <p class="hint">No order has been placed here so far.</p>}
      {played.length > 0 && (
        <table>
          <thead>
            <tr>
              {COLUMNS.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {played.map(({ scenario, order }, index) => (
              <tr key={order.id}>
                <td>
                  <Link to={addressOf(`/orders/${order.id}`)}>{scenario.name}</Link>{' '}
                  <ThenAct scenario={scenario} order={order} onAct={onAct} />
                  <ReturnOf order={order} state={returns} />
                </td>
                <td>
                  <Status of={order.status} needsPerson={order.needsIntervention} />
                </td>
                <Figures balance={balances[index] ?? total([])} />
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Together</th>
              <td>{played.length} orders</td>
              <Figures balance={total(balances)} />
            </tr>
          </tfoot>
        </table>
      )}
    </section>
  );
}

function Figures({ balance }: { readonly balance: Balance }): JSX.Element {
  const { chargedMinor, refundedMinor, reserved, released, confirmed, restocked, isEven } = balance;
  const money = (minor: number): string => (minor / 100).toFixed(2);
  return (
    <>
      <td class="number">{money(chargedMinor)}</td>
      <td class="number">{money(refundedMinor)}</td>
      <td class="number">{reserved}</td>
      <td class="number">{released}</td>
      <td class="number">{confirmed}</td>
      <td class="number">{restocked}</td>
      <td>{isEven === undefined ? '… under way' : isEven ? '✓ balances' : '✕ does not balance'}</td>
    </>
  );
}

/** What the scenario still wants of a person, while it can be done. */
function ThenAct(
  props: Played & { readonly onAct: (act: Promise<Answer<unknown>>) => void },
): JSX.Element | null {
  const { scenario, order, onAct } = props;
  const { then } = scenario;
  if (then === undefined || !isDue(then, order)) return null;
  const body = { reason: 'tried in the playground' };
  return (
    <button type="button" onClick={() => onAct(post(`orders/${order.id}/${then}`, body))}>
      {words(then)} it
    </button>
  );
}

function isDue(then: Then, order: OrderView): boolean {
  if (then !== 'cancel') return order.status === 'awaitingApproval';
  return ![...WON, 'failed', 'cancelled', 'compensating'].includes(order.status);
}

/** The next act on the return of the order that is under way; without one, a return can be asked for. */
function ReturnOf(props: { readonly order: OrderView; readonly state: ActState }): JSX.Element | null {
  const { order, state } = props;
  if (!WON.includes(order.status)) return null;
  const open = order.returns?.find(isOpen);
  if (open !== undefined) return <ReturnAct of={open} waitsFor={waitsFor(open.status)} state={state} />;
  return (
    <button type="button" onClick={() => (state.asked.value = returnRequest(order))}>
      Return some
    </button>
  );
}

function waitsFor(status: ReturnView['status']): 'parcel' | 'inspection' | null {
  if (status === 'authorised') return 'parcel';
  return status === 'received' ? 'inspection' : null;
}
