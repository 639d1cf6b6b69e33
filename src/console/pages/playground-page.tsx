// Page of the playground: orders for every scenario, faults and kills, and whether orders, money and stock balance. Shown where
// the system has simulated services.
import { batch, useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Ended, Effected, PlannedFault } from '../../ports/simulators';
import type { OrderView } from '../../queries/order-view';
import { get, post, token, type Answer, type Problem } from '../api';
import { AskedAct, useActs } from '../asked-act';
import { Trouble } from '../parts';
import { orderOf, PLAYGROUND_SCENARIOS, type PlaygroundScenario } from '../playground-scenarios';
import { Books, type Played } from './playground-books';

const POLL_MS = 1_000;
interface Playground {
  readonly effects: readonly Effected[];
  readonly faults: readonly PlannedFault[];
}

export function PlaygroundPage(): JSX.Element {
  const played = useSignal<readonly Played[]>([]);
  const seen = useSignal<Playground>({ effects: [], faults: [] });
  const problem = useSignal<Problem | undefined>(undefined);
  /** Why the system could not be asked last. */
  const lost = useSignal<Problem | undefined>(undefined);
  const told = useSignal('');
  const returns = useActs();
  useEffect(() => follow(played, seen, lost), [token.value]);

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
    if (answer.kind === 'problem' && answer.problem.status !== 0) valueOf(answer);
    else told.value = whatFollows(what);
  };
  return (
    <>
      <header class="page">
        <h1>Playground</h1>
        <p class="hint">Place orders, break what they need, and see that the books balance.</p>
      </header>
      <Trouble problem={lost.value} isFollowing />
      <Trouble problem={problem.value} />
      <p role="status">{told.value}</p>
      <Scenarios onPlay={(scenario) => void play(scenario)} />
      <Break
        faults={seen.value.faults}
        onPlan={(faults) => void plan(faults)}
        onKill={(what) => void kill(what)}
      />
      <AskedAct state={returns} onDone={() => undefined} />
      <Books
        played={played.value}
        effects={seen.value.effects}
        returns={returns}
        onAct={(act) => void act.then(valueOf)}
      />
    </>
  );
}

function whatFollows(what: Ended): string {
  return what === 'all'
    ? 'Everything was killed. npm start brings it back, and the orders go on where they stood.'
    : `The ${what} was killed; its supervisor starts it again.`;
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

/**
 * Asks again every second for the orders, then for what the services have effected: whatever led to what an order says is known
 * when it is shown.
 */
function follow(
  played: Signal<readonly Played[]>,
  seen: Signal<Playground>,
  lost: Signal<Problem | undefined>,
): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const step = async (): Promise<void> => {
    const asked = await Promise.all(played.value.map(({ order }) => get<OrderView>(`orders/${order.id}`)));
    const after = seen.value.effects.at(-1)?.seq ?? 0;
    const answer = await get<Playground>(`ops/playground?after=${after}`);
    if (isOver) return;
    lost.value = [answer, ...asked].flatMap((one) => (one.kind === 'problem' ? [one.problem] : []))[0];
    if (answer.kind === 'ok') {
      const { effects, faults } = answer.value;
      const now = new Map(asked.flatMap((one) => (one.kind === 'ok' ? [[one.value.id, one.value]] : [])));
      batch(() => {
        seen.value = { effects: [...seen.value.effects, ...effects], faults };
        played.value = played.value.map((one) => ({ ...one, order: now.get(one.order.id) ?? one.order }));
      });
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
