// Picture of the curve: one small panel per figure, the size of the store along all of them on a logarithmic scale,
// every figure from 0 on, so that what is flat looks flat.
import { sumOfValues } from '../harness/quantile';
import { figure } from '../harness/table';
import type { Curve, CurvePoint } from './curve-points';

interface Panel {
  readonly title: string;
  readonly value: (point: CurvePoint) => number;
}

const PANELS: readonly Panel[] = [
  { title: 'orders a second, 64 in flight', value: ({ perSecond }) => perSecond },
  { title: 'ms to completed, one at a time (p50)', value: ({ p50Ms }) => p50Ms },
  { title: 'ms CPU per order, host and platform', value: ({ cpuMs }) => sumOfValues(cpuMs) },
  { title: 's from npm start to the first completed order', value: ({ startMs }) => startMs / 1_000 },
  { title: 'MB of memory, host and platform', value: ({ rssMb }) => sumOfValues(rssMb) },
  { title: "ms for a page of a customer's list (p50)", value: ({ listMs }) => listMs },
];

const COLUMNS = 3;
const PANEL = { width: 300, height: 170 };
const PLOT = { left: 44, right: 18, top: 34, bottom: 26 };
const FOOT = 44;

/** The picture as SVG. */
export function curvePicture(curve: Curve): string {
  const rows = Math.ceil(PANELS.length / COLUMNS);
  const [width, height] = [COLUMNS * PANEL.width, rows * PANEL.height + FOOT];
  const panels = PANELS.map((panel, index) => {
    const x = (index % COLUMNS) * PANEL.width;
    const y = Math.floor(index / COLUMNS) * PANEL.height;
    return `<g transform="translate(${x} ${y})">${panelPicture(panel, curve.points)}</g>`;
  });
  const said = [
    `Across: orders in the store. ${curve.remark}`,
    `${curve.date}, ${curve.machine}. ${curve.command}`,
  ];
  const foot = said.map(
    (text, index) =>
      `<text x="16" y="${height - FOOT + 18 + index * 16}" class="small">${escaped(text)}</text>`,
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" role="img">`,
    '<title>What orders cost as the store grows</title>',
    '<style>text{fill:#24292f;font-size:12px}.small{font-size:11px;fill:#57606a}.axis{stroke:#d0d7de}.line{fill:none;stroke:#0969da;stroke-width:2}.dot{fill:#0969da}</style>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels,
    ...foot,
    '</svg>',
  ].join('\n')}\n`;
}

function panelPicture({ title, value }: Panel, points: readonly CurvePoint[]): string {
  const logs = points.map(({ orders }) => Math.log10(orders));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const highest = Math.max(...points.map(value)) * 1.25 || 1;
  const plotWidth = PANEL.width - PLOT.left - PLOT.right;
  const plotHeight = PANEL.height - PLOT.top - PLOT.bottom;
  const floor = PLOT.top + plotHeight;
  const places = points.map((point, index) => ({
    x: PLOT.left + (((logs[index] ?? 0) - least) / (most - least || 1)) * plotWidth,
    y: floor - (value(point) / highest) * plotHeight,
    point,
  }));
  return [
    `<text x="${PLOT.left - 28}" y="18">${escaped(title)}</text>`,
    `<line class="axis" x1="${PLOT.left}" y1="${floor}" x2="${PLOT.left + plotWidth}" y2="${floor}"/>`,
    `<text class="small" x="${PLOT.left - 6}" y="${floor + 4}" text-anchor="end">0</text>`,
    `<polyline class="line" points="${places.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ')}"/>`,
    ...places.flatMap(({ x, y, point }) => [
      `<circle class="dot" cx="${round(x)}" cy="${round(y)}" r="3"/>`,
      `<text class="small" x="${round(x)}" y="${round(y - 8)}" text-anchor="middle">${figure(value(point))}</text>`,
      `<text class="small" x="${round(x)}" y="${floor + 16}" text-anchor="middle">${shortCount(point.orders)}</text>`,
    ]),
  ].join('');
}

function shortCount(count: number): string {
  if (count >= 1_000_000) return `${count / 1_000_000} M`;
  return count >= 1_000 ? `${count / 1_000} k` : String(count);
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
