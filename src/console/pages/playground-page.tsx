// Page of the playground: orders for every scenario, faults and kills, and whether orders, money and stock balance. Shown where
// the system has simulated services.
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Ended, Effected, PlannedFault } from '../../ports/simulators';
import type { OrderView } from '../../queries/order-view';
import { get, post, token, type Answer, type Problem } from '../api';
import { balanceOf, total, type Balance } from '../balance';
import { words } from '../format';
import { Status, Trouble } from '../parts';
import { orderOf, PLAYGROUND_SCENARIOS, type PlaygroundScenario, type Then } from '../playground-scenarios';
import { addressOf, Link } from '../router';

const POLL_MS = 1_000;
/** Not signed in, not allowed, not there: asking again does not help. */
const REFUSALS = [401, 403, 404];
const ENDINGS = ['completed', 'delivered', 'failed', 'cancelled'];

interface Played {
  readonly scenario: PlaygroundScenario;
  readonly order: OrderView;
}

interface Playground {
  readonly effects: readonly Effected[];
  readonly faults: readonly PlannedFault[];
}

export function PlaygroundPage(): JSX.Element {
  const played = useSignal<readonly Played[]>([]);
  const seen = useSignal<Playground>({ effects: [], faults: [] });
  const problem = useSignal<Problem | undefined>(undefined);
  const told = useSignal('');
  useEffect(() => follow(played, seen, problem), [token.value]);

  /** The value of an answer; a problem is shown. */
  const valueOf = <T,>(answer: Answer<T>): T | undefined => {
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    return answer.kind === 'ok' ? answer.value : undefined;
  };
  const plan = async (faults: readonly PlannedFault[]): Promise<boolean> => {
    const planned = valueOf(
      await post<{ faults: readonly PlannedFault[] }>('ops/playground/faults', { faults }),
    );
    if (planned !== undefined) seen.value = { ...seen.value, faults: planned.faults };
    return planned !== undefined;
  };
  const play = async (scenario: PlaygroundScenario): Promise<void> => {
    const { customerId, faults = [], isTwice } = scenario;
    const others = seen.value.faults.filter((rule) => rule.customerId !== customerId);
    const own = faults.map((fault) => ({ ...fault, customerId }));
    if (faults.length > 0 && !(await plan([...others, ...own]))) return;
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const send = () => post<OrderView>('orders', orderOf(scenario), headers);
    const [first] = await Promise.all(isTwice === true ? [send(), send()] : [send()]);
    const order = valueOf(first);
    if (order !== undefined) played.value = [{ scenario, order }, ...played.value];
  };
  const kill = async (what: Ended): Promise<void> => {
    const answer = await post('ops/playground/kill', { what });
    // What is killed may be what would have answered.
    const isKilled = answer.kind === 'ok' || answer.problem.status === 0;
    if (!isKilled) valueOf(answer);
    if (isKilled)
      told.value =
        what === 'all'
          ? 'Everything was killed. npm start brings it back, and the orders go on where they stood.'
          : `The ${what} was killed; its supervisor starts it again.`;
  };
  return (
    <>
      <header class="page">
        <h1>Playground</h1>
        <p class="hint">Place orders, break what they need, and see that the books balance.</p>
      </header>
      <Trouble problem={problem.value} />
      <p role="status">{told.value}</p>
      <Scenarios onPlay={(scenario) => void play(scenario)} />
      <Break
        faults={seen.value.faults}
        onPlan={(faults) => void plan(faults)}
        onKill={(what) => void kill(what)}
      />
      <Books played={played.value} effects={seen.value.effects} onAct={(act) => void act.then(valueOf)} />
    </>
  );
}

function Scenarios(props: { readonly onPlay: (scenario: PlaygroundScenario) => void }): JSX.Element {
  return (
    <section aria-labelledby="orders-to-place">
      <h2 id="orders-to-place">Place an order</h2>
      <p class="buttons">
        {PLAYGROUND_SCENARIOS.map((scenario) => (
          <button key={scenario.name} type="button" onClick={() => props.onPlay(scenario)}>
            {scenario.name}
          </button>
        ))}
      </p>
    </section>
  );
}

/** Asks again every second for what the services have effected and for the orders that have not ended. */
function follow(
  played: Signal<readonly Played[]>,
  seen: Signal<Playground>,
  problem: Signal<Problem | undefined>,
): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = async (): Promise<void> => {
    const after = seen.value.effects.at(-1)?.seq ?? 0;
    const answer = await get<Playground>(`ops/playground?after=${after}`);
    if (isOver) return;
    // A process that was killed does not answer for a moment.
    if (answer.kind === 'problem' && REFUSALS.includes(answer.problem.status)) problem.value = answer.problem;
    if (answer.kind === 'ok') {
      const { effects, faults } = answer.value;
      seen.value = { effects: [...seen.value.effects, ...effects], faults };
    }
    for (const { order } of played.value) {
      const now = await get<OrderView>(`orders/${order.id}`);
      if (now.kind !== 'ok' || now.value.version === order.version) continue;
      played.value = played.value.map((one) =>
        one.order.id === order.id ? { ...one, order: now.value } : one,
      );
    }
    timer = setTimeout(() => void step(), POLL_MS);
  };
  void step();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

const FAULTS: readonly (readonly [name: string, rule: PlannedFault])[] = [
  ['Payments are down', { service: 'payments', fault: 'down' }],
  ['Payments answer with errors', { service: 'payments', fault: 'error' }],
  ['Payments lose their answers', { service: 'payments', operation: 'charge', fault: 'loseAnswer' }],
  ['Charges take three seconds', { service: 'payments', operation: 'charge', fault: 'slow', delayMs: 3_000 }],
  ['The carrier refuses', { service: 'shipping', fault: 'refuse' }],
  ['The carrier is down', { service: 'shipping', fault: 'down' }],
  ['Inventory is down', { service: 'inventory', fault: 'down' }],
];

const KILLS: readonly (readonly [name: string, what: Ended])[] = [
  ['Kill the host', 'host'],
  ['Kill the platform', 'platform'],
  ['Kill everything', 'all'],
];

function Break(props: {
  readonly faults: readonly PlannedFault[];
  readonly onPlan: (faults: readonly PlannedFault[]) => void;
  readonly onKill: (what: Ended) => void;
}): JSX.Element {
  const { faults, onPlan, onKill } = props;
  const isSame = (one: PlannedFault, rule: PlannedFault): boolean =>
    one.customerId === undefined &&
    one.service === rule.service &&
    one.fault === rule.fault &&
    one.operation === rule.operation;
  return (
    <section aria-labelledby="break">
      <h2 id="break">Break something</h2>
      <p class="buttons">
        {FAULTS.map(([name, rule]) => {
          const isOn = faults.some((one) => isSame(one, rule));
          const others = faults.filter((one) => !isSame(one, rule));
          return (
            <label key={name}>
              <input
                type="checkbox"
                checked={isOn}
                onChange={() => onPlan(isOn ? others : [...others, rule])}
              />{' '}
              {name}
            </label>
          );
        })}
      </p>
      <p class="buttons">
        <button type="button" disabled={faults.length === 0} onClick={() => onPlan([])}>
          Mend all services
        </button>
        {KILLS.map(([name, what]) => (
          <button key={what} type="button" class="danger" onClick={() => onKill(what)}>
            {name}
          </button>
        ))}
      </p>
    </section>
  );
}

function Books(props: {
  readonly played: readonly Played[];
  readonly effects: readonly Effected[];
  readonly onAct: (act: Promise<Answer<unknown>>) => void;
}): JSX.Element {
  const { played, effects, onAct } = props;
  const balances = played.map(({ order }) => balanceOf(order, effects));
  return (
    <section aria-labelledby="books">
      <h2 id="books">Books</h2>
      {played.length === 0 && <p class="hint">No order has been placed here so far.</p>}
      {played.length > 0 && (
        <table>
          <thead>
            <tr>
              {['Order', 'Status', 'Charged', 'Refunded', 'Reserved', 'Released', 'Confirmed', 'Balance'].map(
                (name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {played.map(({ scenario, order }, index) => (
              <tr key={order.id}>
                <td>
                  <Link to={addressOf(`/orders/${order.id}`)}>{scenario.name}</Link>{' '}
                  <ThenAct scenario={scenario} order={order} onAct={onAct} />
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
  const { chargedMinor, refundedMinor, reserved, released, confirmed, isEven } = balance;
  const money = (minor: number): string => (minor / 100).toFixed(2);
  return (
    <>
      <td class="number">{money(chargedMinor)}</td>
      <td class="number">{money(refundedMinor)}</td>
      <td class="number">{reserved}</td>
      <td class="number">{released}</td>
      <td class="number">{confirmed}</td>
      <td>{isEven === undefined ? '… under way' : isEven ? '✓ balances' : '✕ does not balance'}</td>
    </>
  );
}

const ACT_PATHS: Readonly<Record<Then, string>> = {
  ...{ cancel: 'cancel', approve: 'approve', reject: 'reject', return: 'returns' },
};

/** What the scenario still wants of a person, while it can be done. */
function ThenAct(
  props: Played & { readonly onAct: (act: Promise<Answer<unknown>>) => void },
): JSX.Element | null {
  const { scenario, order, onAct } = props;
  const { then } = scenario;
  if (then === undefined || !isDue(then, order)) return null;
  const [line] = order.items;
  const body =
    then === 'return'
      ? { items: [{ productId: line?.productId, quantity: 1 }], reason: 'tried in the playground' }
      : { reason: 'tried in the playground' };
  return (
    <button type="button" onClick={() => onAct(post(`orders/${order.id}/${ACT_PATHS[then]}`, body))}>
      {words(then)} it
    </button>
  );
}

function isDue(then: Then, order: OrderView): boolean {
  if (then === 'cancel') return !ENDINGS.includes(order.status) && order.status !== 'compensating';
  if (then === 'return') return order.status === 'completed' && order.returns === undefined;
  return order.status === 'awaitingApproval';
}
