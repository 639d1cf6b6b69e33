// Page of the daily figures: orders by outcome, and how long they took.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DailyStatsView } from '../../projections/daily-stats';
import { get, token, type Problem } from '../api';
import { duration, money } from '../format';
import { Trouble } from '../parts';

const MONTH_MS = 30 * 86_400_000;

function monthAgo(): string {
  return new Date(Date.now() - MONTH_MS).toISOString().slice(0, 10);
}

/** Whether anything was counted on that day. */
function isBusy({ created, completed, failed, cancelled }: DailyStatsView): boolean {
  return created + completed + failed + cancelled > 0;
}

export function DaysPage(): JSX.Element {
  const days = useSignal<readonly DailyStatsView[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    void get<readonly DailyStatsView[]>(`analytics/daily?from=${monthAgo()}`).then((answer) => {
      if (answer.kind === 'ok') days.value = answer.value.filter(isBusy).reverse();
      problem.value = answer.kind === 'ok' ? undefined : answer.problem;
    });
  }, [token.value]);
  return (
    <>
      <header class="page">
        <h1>Days</h1>
      </header>
      <Trouble problem={problem.value} />
      {days.value?.length === 0 && <p class="hint">No order has been counted yet.</p>}
      {days.value !== undefined && days.value.length > 0 && <Days days={days.value} />}
    </>
  );
}

function Days({ days }: { readonly days: readonly DailyStatsView[] }): JSX.Element {
  const most = Math.max(1, ...days.map(({ created }) => created));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Orders: completed, failed, cancelled</th>
          <th scope="col" class="number">
            Placed
          </th>
          <th scope="col" class="number">
            Completed
          </th>
          <th scope="col">Sum completed</th>
          <th scope="col" class="number">
            Mean time
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <td>{day.day}</td>
            <td>
              <Outcomes day={day} most={most} />
            </td>
            <td class="number">{day.created}</td>
            <td class="number">{day.completed}</td>
            <td>
              {Object.entries(day.completedAmount)
                .map(([currency, amount]) => money(amount, currency))
                .join(', ')}
            </td>
            <td class="number">{day.meanDurationMs === null ? '' : duration(day.meanDurationMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const WIDTH = 260;

function Outcomes({ day, most }: { readonly day: DailyStatsView; readonly most: number }): JSX.Element {
  const parts = [
    ['done', day.completed],
    ['failed', day.failed],
    ['undone', day.cancelled],
  ] as const;
  let from = 0;
  return (
    <svg
      class="outcomes"
      width={WIDTH}
      height="16"
      role="img"
      aria-label={`${day.completed} completed, ${day.failed} failed, ${day.cancelled} cancelled`}
    >
      {parts.map(([kind, count]) => {
        const x = from;
        const width = (count / most) * WIDTH;
        from += width;
        return <rect key={kind} class={kind} x={x} y="0" width={width} height="16" />;
      })}
    </svg>
  );
}
