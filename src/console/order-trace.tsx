// Section of an order's page: its trace, each span with its bar, below the span that it is part of.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TracedSpan, TraceTree } from '../queries/order-trace';
import { get, token } from './api';
import { duration, words } from './format';
import { me, whyNotFor } from './me';
import { timeScale, type TimeScale } from './saga-course';

/** Spans come about a second after they end. */
const POLL_MS = 2_000;
/** After the end of the order, as long as spans still come; where none comes it is given up. */
const ASKED_AT_MOST = 10;
const MAY_LOOK = ['service', 'operator', 'approver', 'reader'];

interface OrderTrace {
  readonly traceId: string;
  readonly isSampled: boolean;
  readonly link: string | null;
  readonly tree: TraceTree | null;
  readonly hasStore: boolean;
}

export function TraceSection(props: {
  readonly orderId: string;
  /** Asked anew with each. */
  readonly version: number;
  readonly isEnded: boolean;
  readonly isPaused: () => boolean;
}): JSX.Element | null {
  const { orderId, version, isEnded, isPaused } = props;
  const seen = useSignal<OrderTrace | undefined>(undefined);
  const mayLook = me.value !== undefined && whyNotFor(MAY_LOOK, me.value) === undefined;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const step = async (asked: number): Promise<void> => {
      const isLooking = !isPaused();
      const before = seen.value?.tree?.spans.length ?? 0;
      if (isLooking) {
        const answer = await get<OrderTrace>(`ops/orders/${encodeURIComponent(orderId)}/trace`);
        if (isOver) return;
        if (answer.kind === 'ok') seen.value = answer.value;
      }
      const now = seen.value?.tree?.spans.length ?? 0;
      const isWhole =
        isEnded && isLooking && ((asked > 1 && now > 0 && now === before) || asked > ASKED_AT_MOST);
      const isThere = seen.value?.hasStore !== false && seen.value?.isSampled !== false;
      if (isThere && !isWhole) timer = setTimeout(() => void step(isLooking ? asked + 1 : asked), POLL_MS);
    };
    if (mayLook) void step(1);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [orderId, version, isEnded, mayLook, token.value]);
  if (seen.value === undefined) return null;
  const { traceId, link, tree } = seen.value;
  return (
    <section aria-labelledby="trace">
      <h2 id="trace">Trace</h2>
      <p class="hint">
        <code>{traceId}</code>
        {tree !== null && `, ${tree.spans.length} spans in ${duration(tree.durationMs)}`}
        {link !== null && (
          <>
            {', '}
            <a href={link} target="_blank" rel="noreferrer">
              its page where traces are kept
            </a>
          </>
        )}
      </p>
      <Without trace={seen.value} />
      {tree !== null && tree.spans.length > 0 && <Spans of={tree.spans} />}
    </section>
  );
}

/** Why nothing is drawn. */
function Without({ trace }: { readonly trace: OrderTrace }): JSX.Element | null {
  const { isSampled, hasStore, tree } = trace;
  if (!isSampled)
    return (
      <p class="hint">This trace was not sampled: whoever began it decided so, and no span of it was kept.</p>
    );
  if (!hasStore)
    return (
      <p class="hint">
        The spans are where this app sends its telemetry; look there for the id (in Application Insights the
        operation id). Where <code>OrderProcessing:TraceQueryUrl</code> names a store of traces they are drawn
        here.
      </p>
    );
  if (tree === null) return <p class="hint">The store of traces does not answer now.</p>;
  return tree.spans.length > 0 ? null : (
    <p class="hint">
      No span is there (yet): they come about a second after they end, and the oldest are forgotten.
    </p>
  );
}

function Spans({ of }: { readonly of: readonly TracedSpan[] }): JSX.Element {
  const scale = timeScale(
    of.map(({ offsetMs, durationMs }) => ({ fromMs: offsetMs, toMs: offsetMs + durationMs })),
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of spans">
      <table class="trace">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="number">
              After
            </th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {of.map((span) => (
            <Row key={span.spanId} span={span} scale={scale} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const WIDTH = 300;
const HEIGHT = 12;
const INDENT_EM = 0.9;

function Row({ span, scale }: { readonly span: TracedSpan; readonly scale: TimeScale }): JSX.Element {
  const { name, depth, attempt, outcome, error, offsetMs, durationMs } = span;
  const from = scale(offsetMs) * WIDTH;
  const width = Math.max(2, scale(offsetMs + durationMs) * WIDTH - from);
  return (
    <tr class={error === null ? 'span' : 'span failed'}>
      <td style={{ paddingLeft: `${0.5 + depth * INDENT_EM}em` }}>
        {name}
        {attempt !== null && attempt > 1 && <strong> attempt {attempt}</strong>}
      </td>
      <td>{error === null ? words(outcome ?? '') : `✕ ${error || 'failed'}`}</td>
      <td class="number">{duration(offsetMs)}</td>
      <td class="number">{duration(durationMs)}</td>
      <td>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
          <rect x={Math.min(from, WIDTH - 2)} y="1" width={width} height={HEIGHT - 2} rx="2" />
        </svg>
      </td>
    </tr>
  );
}
