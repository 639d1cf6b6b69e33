// Drawing of a saga: a lane per step, its calls as bars, and an arrow from what undid a step back to it.
import type { JSX } from 'preact';
import { duration, words } from './format';
import { timeScale, type Bar, type Lane } from './saga-course';

const LANE = 34;
const NAMES = 190;
const WIDTH = 940;
const BAR = 16;

const SIGNS: Readonly<Record<Bar['kind'], string>> = {
  done: '✓',
  failed: '✕',
  undone: '↩',
  notUndone: '!',
  running: '…',
  waiting: '⏸',
};

export function SagaDrawing({ lanes }: { readonly lanes: readonly Lane[] }): JSX.Element {
  const scale = timeScale(lanes.flatMap(({ bars }) => bars));
  const x = (atMs: number): number => NAMES + scale(atMs) * (WIDTH - NAMES - 90);
  return (
    <svg
      class="saga"
      viewBox={`0 0 ${WIDTH} ${lanes.length * LANE + 8}`}
      role="img"
      aria-label={`Course of the saga: ${lanes.map(laneText).join('; ')}`}
    >
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 L8 4 L0 8 z" class="arrow-head" />
        </marker>
      </defs>
      {lanes.map((lane, index) => (
        <LaneDrawing key={lane.step} lane={lane} top={index * LANE + 8} x={x} />
      ))}
    </svg>
  );
}

function LaneDrawing(props: {
  readonly lane: Lane;
  readonly top: number;
  readonly x: (atMs: number) => number;
}): JSX.Element {
  const { lane, top, x } = props;
  const done = lane.bars.find(({ kind }) => kind === 'done');
  const middle = top + BAR / 2;
  return (
    <g>
      <line x1={NAMES} x2={WIDTH} y1={middle} y2={middle} class="lane" />
      <text x="0" y={middle + 4}>
        {words(lane.step)}
      </text>
      {lane.bars.map((bar) => {
        const from = x(bar.fromMs);
        const width = Math.max(6, x(bar.toMs) - from);
        return (
          <g key={`${bar.kind}${bar.fromMs}`} class={`bar ${bar.kind}`}>
            <title>{barText(bar)}</title>
            {bar.kind !== 'done' && done !== undefined && (
              <path
                class="arrow"
                d={`M${from} ${top + BAR} C${from - 10} ${top + BAR + 14} ${x(done.toMs) + 10} ${top + BAR + 14} ${x(done.toMs)} ${top + BAR}`}
                marker-end="url(#head)"
              />
            )}
            <rect x={from} y={top} width={width} height={BAR} rx="3" />
            <text x={from + width + 4} y={middle + 4} class="sign">
              {SIGNS[bar.kind]} {bar.attempts > 1 ? `×${bar.attempts} ` : ''}
              {duration(bar.toMs - bar.fromMs)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function laneText({ step, bars }: Lane): string {
  return `${words(step)}: ${bars.map(barText).join(', ')}`;
}

function barText({ kind, label, fromMs, toMs, attempts, error }: Bar): string {
  const tries = attempts === 1 ? '' : `, ${attempts} attempts`;
  return `${words(label)} ${words(kind)} in ${duration(toMs - fromMs)}${tries}${error === null ? '' : `: ${error}`}`;
}
