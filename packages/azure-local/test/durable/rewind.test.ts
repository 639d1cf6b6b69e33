// Which runs a rewind reopens, and what it leaves of their histories. Histories as the engine writes them, in short form.
import { EventType } from '../../src/durable/history-events';
import { rewindTree, type RewoundRun } from '../../src/durable/rewind';
import type { EpisodeRow, InstanceRow } from '../../src/durable/stored-rows';

type Row = Pick<InstanceRow, 'id' | 'key' | 'status'>;
const AT = '2026-01-01T00:00:00Z';
const T = EventType;

interface Recorded {
  readonly type: number;
  readonly id?: number;
  readonly of?: number;
  readonly child?: string;
}

const episode = (work: object | null, ...events: Recorded[]): EpisodeRow => ({
  work: work === null ? null : JSON.stringify({ activities: [], timers: [], cancelled: [], ...work }),
  history: events
    .map(({ type, id = -1, of, child }) =>
      JSON.stringify({
        EventType: type,
        ...(of === undefined ? {} : { TaskScheduledId: of }),
        ...(child === undefined ? {} : { InstanceId: child }),
        EventId: id,
        IsPlayed: false,
        Timestamp: AT,
      }),
    )
    .join(','),
});

type Run = readonly [Row, ...EpisodeRow[]];

/** Rewinds the first of the runs that are there, each with its episodes. */
function rewind(first: Run, ...others: readonly Run[]): RewoundRun[] | string {
  const runs = [first, ...others];
  return rewindTree(first[0] as InstanceRow, {
    find: (id) => runs.find(([row]) => row.id === id)?.[0] as InstanceRow | undefined,
    episodes: (key) => runs.find(([row]) => row.key === key)?.slice(1) as EpisodeRow[],
  });
}

const rewound = (first: Run, ...others: readonly Run[]): RewoundRun[] => {
  const outcome = rewind(first, ...others);
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome;
};

const eventTypes = ({ history }: EpisodeRow): number[] =>
  (JSON.parse(`[${history}]`) as { EventType: number }[]).map((event) => event.EventType);

const order: Row = { id: 'o-1', key: 1, status: 'Failed' };
const kid: Row = { id: 'kid', key: 2, status: 'Failed' };
const retry = { firstIntervalMs: 1, maxAttempts: 2, backoff: 1, attempt: 1, firstAtMs: 0 };
const call = (id: number, more: object = {}): object => ({ kind: 'activity', id, name: 'ship', ...more });
const callOfKid = (id: number): object => ({ kind: 'sub', id, name: 'kid', child: 'kid' });
const shipFailed = [episode({ activities: [call(0)] }, { type: T.taskScheduled, id: 0 })];
const shipEnd = episode(null, { type: T.taskFailed, of: 0 }, { type: T.executionCompleted });

describe('a rewind', () => {
  test('forgets the failed call, keeps the one that succeeded, and takes the end back', () => {
    const calls = episode(
      { activities: [call(0), call(1)] },
      { type: T.taskScheduled, id: 0 },
      { type: T.taskScheduled, id: 1 },
    );
    const end = episode(
      null,
      { type: T.taskCompleted, of: 0 },
      { type: T.taskFailed, of: 1 },
      { type: T.executionCompleted, id: -1 },
    );
    const [run] = rewound([order, calls, end]);
    expect(run).toMatchObject({ key: 1, id: 'o-1', isLeaf: true });
    const [first, second] = run?.episodes ?? [];
    expect(first && eventTypes(first)).toEqual([T.taskScheduled, T.genericEvent]);
    expect(JSON.parse(first?.work ?? '')).toMatchObject({ activities: [{ id: 0 }] });
    expect(second && eventTypes(second)).toEqual([T.taskCompleted, T.genericEvent, T.genericEvent]);
    expect(second?.work).toBeNull();
    expect(JSON.parse(`[${second?.history ?? ''}]`)).toMatchObject([{}, { IsPlayed: true }, { EventId: 2 }]);
  });

  const parent = [
    episode(
      { subs: [callOfKid(0)] },
      { type: T.subOrchestrationInstanceCreated, id: 0, child: 'kid' },
      { type: T.taskScheduled, id: 1 },
    ),
    episode(null, { type: T.subOrchestrationInstanceFailed, of: 0 }),
  ];

  test('rewinds a failed child first, and has the parent wait for it again', () => {
    const runs = rewound([order, ...parent], [kid, ...shipFailed, shipEnd]);
    expect(runs.map(({ key, isLeaf }) => [key, isLeaf])).toEqual([
      [2, true],
      [1, false],
    ]);
    const [first] = runs[1]?.episodes ?? [];
    expect(first && eventTypes(first)).toEqual([T.subOrchestrationInstanceCreated, T.taskScheduled]);
    expect(JSON.parse(first?.work ?? '')).toMatchObject({ subs: [{ id: 0 }] });
  });

  test.each<[string, Run[]]>([
    ['is gone', []],
    ['was started again and has not failed', [[{ ...kid, status: 'Completed' }]]],
  ])('calls a child anew that %s', (_, others) => {
    const [run, ...more] = rewound([order, ...parent], ...others);
    expect([run?.key, run?.isLeaf, more]).toEqual([1, true, []]);
    const [first] = run?.episodes ?? [];
    expect(first && eventTypes(first)).toEqual([T.genericEvent, T.taskScheduled]);
    expect(JSON.parse(first?.work ?? '')).toMatchObject({ subs: [] });
  });

  test('leaves a child alone whose end was no failure', () => {
    const done = episode(null, { type: T.subOrchestrationInstanceCompleted, of: 0 });
    const [first] = parent;
    const runs = rewound(
      [order, ...(first === undefined ? [] : [first]), done, shipEnd],
      [kid, ...shipFailed],
    );
    expect(runs.map(({ key }) => key)).toEqual([1]);
  });

  test('is refused where the failed call had retry options, also in a child', () => {
    const retried = episode({ activities: [call(0, { retry })] }, { type: T.taskScheduled, id: 0 });
    expect(rewind([order, retried, shipEnd])).toContain('retry options');
    expect(rewind([order, ...parent], [kid, retried, shipEnd])).toContain('retry options');
    const kidRetried = episode({ subs: [{ ...callOfKid(0), retry }] });
    expect(rewind([order, kidRetried, ...parent.slice(1)])).toContain('retry options');
  });

  test('is not refused where only a call that succeeded had retry options', () => {
    const calls = episode({ activities: [call(0), call(1, { retry })] }, { type: T.taskScheduled, id: 0 });
    expect(typeof rewind([order, calls, shipEnd])).not.toBe('string');
  });
});
