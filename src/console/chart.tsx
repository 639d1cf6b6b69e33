// Chart of figures over time, drawn by uPlot, with its newest figures as text.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Point {
  readonly atMs: number;
  /** By name of the line. */
  readonly values: ReadonlyMap<string, number>;
}

const COLOURS = ['#1f4fa3', '#1a6b3c', '#b3261e', '#8a4b00', '#6a1b9a', '#00695c', '#4e342e', '#37474f'];
const SIZE = { width: 560, height: 190 };

export function Chart(props: {
  readonly title: string;
  readonly points: readonly Point[];
  readonly show: (value: number) => string;
}): JSX.Element {
  const { title, points, show } = props;
  const place = useRef<HTMLDivElement>(null);
  const names = [...new Set(points.flatMap(({ values }) => [...values.keys()]))].sort();
  useEffect(() => {
    if (place.current === null || names.length === 0) return;
    const plot = new uPlot(optionsOf(names, show), dataOf(names, points), place.current);
    return () => plot.destroy();
  }, [points]);
  const newest = points.at(-1)?.values;
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {names.length === 0 && <p class="hint">Nothing so far.</p>}
      <div ref={place} aria-hidden="true" />
      <ul class="legend">
        {names.map((name, index) => (
          <li key={name}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={colour(index)} />
            </svg>{' '}
            {name}: {show(newest?.get(name) ?? 0)}
          </li>
        ))}
      </ul>
    </section>
  );
}

const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '';

function optionsOf(names: readonly string[], show: (value: number) => string): uPlot.Options {
  return {
    ...SIZE,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [{}, { size: 70, values: (_, ticks) => ticks.map(show) }],
    series: [{}, ...names.map((label, index) => ({ label, stroke: colour(index), width: 2 }))],
  };
}

function dataOf(names: readonly string[], points: readonly Point[]): uPlot.AlignedData {
  return [
    points.map(({ atMs }) => atMs / 1_000),
    ...names.map((name) => points.map(({ values }) => values.get(name) ?? null)),
  ];
}
