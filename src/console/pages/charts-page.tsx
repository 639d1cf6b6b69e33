// Page of the charts: rates, latencies per step and lag, from the metrics endpoint, over all instances that answer.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { getText, token, type Problem } from '../api';
import { Chart, type Point } from '../chart';
import { duration, words } from '../format';
import { greatest, heard, parseMetrics, quantiles, summed, type Instances } from '../metric-rates';
import { Trouble } from '../parts';

const POLL_MS = 2_000;
/** Ten minutes. */
const POINTS = 300;

const STEP = 'order_saga_step_duration_seconds';

/** What each chart draws of what is known. */
const CHARTS = {
  orders: (known: Instances) => summed(known, 'rates', 'order_saga_orders_total', 'outcome'),
  latency: (known: Instances) => meansOf(known),
  lag: (known: Instances) => greatest(known, 'order_saga_feed_lag_seconds', 'function'),
} as const;

type History = Readonly<Record<keyof typeof CHARTS, readonly Point[]>>;

const NOTHING: History = { orders: [], latency: [], lag: [] };

/** Seconds per attempt of each step, of the attempts since the answer before. */
function meansOf(known: Instances): ReadonlyMap<string, number> {
  const counts = summed(known, 'rates', `${STEP}_count`, 'step');
  return new Map(
    [...summed(known, 'rates', `${STEP}_sum`, 'step')].flatMap(([step, seconds]) => {
      const count = counts.get(step) ?? 0;
      return count > 0 ? [[words(step), seconds / count]] : [];
    }),
  );
}

export function ChartsPage(): JSX.Element {
  const known = useSignal<Instances>(new Map());
  const history = useSignal<History>(NOTHING);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    let isOver = false;
    const step = async (): Promise<void> => {
      const text = document.hidden ? undefined : await getText('metrics');
      if (isOver) return;
      problem.value = typeof text === 'object' ? text : undefined;
      if (typeof text === 'string') {
        const atMs = Date.now();
        known.value = heard(known.value, parseMetrics(text), atMs);
        history.value = grown(history.value, known.value, atMs);
      }
      timer = setTimeout(() => void step(), POLL_MS);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    void step();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [token.value]);
  const { orders, latency, lag } = history.value;
  return (
    <>
      <header class="page">
        <h1>Charts</h1>
        <p class="hint">
          {known.value.size} {known.value.size === 1 ? 'instance' : 'instances'} heard of, summed
        </p>
      </header>
      <Trouble problem={problem.value} isFollowing />
      <div class="charts">
        <Chart title="Orders a second" points={orders} show={(value) => value.toFixed(2)} />
        <Chart title="Mean time of a step" points={latency} show={(value) => duration(value * 1_000)} />
        <Chart title="Lag of the feeds" points={lag} show={(value) => duration(value * 1_000)} />
      </div>
      <Steps known={known.value} />
    </>
  );
}

function grown(before: History, known: Instances, atMs: number): History {
  const next = (name: keyof typeof CHARTS): readonly Point[] => [
    ...before[name].slice(1 - POINTS),
    { atMs, values: CHARTS[name](known) },
  ];
  return { orders: next('orders'), latency: next('latency'), lag: next('lag') };
}

/** Every step since the instances started. */
function Steps({ known }: { readonly known: Instances }): JSX.Element {
  const counts = summed(known, 'values', `${STEP}_count`, 'step');
  const [median, tail] = [quantiles(known, STEP, 'step', 0.5), quantiles(known, STEP, 'step', 0.95)];
  const below = (bound = Infinity): string =>
    bound === Infinity ? 'over 30 s' : `≤ ${duration(bound * 1_000)}`;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col" class="number">
            Attempts
          </th>
          <th scope="col" class="number">
            Half of them
          </th>
          <th scope="col" class="number">
            95 of 100
          </th>
        </tr>
      </thead>
      <tbody>
        {[...counts].map(([step, count]) => (
          <tr key={step}>
            <td>{words(step)}</td>
            <td class="number">{count}</td>
            <td class="number">{below(median.get(step))}</td>
            <td class="number">{below(tail.get(step))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
