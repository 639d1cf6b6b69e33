// Course of a recorded history, in order and without ids and times: the same for both forms of a recording.
import type { Recording } from '../../local/histories/recordings';
import type { OrderResult } from '../../src/saga/order/order-saga';

export interface HistoryCourse {
  /** Ends of activities and timers, and what came from outside. */
  readonly news: readonly string[];
  /** Timers that were set. */
  readonly timers: number;
  readonly end: Omit<OrderResult, 'trackingId' | 'failureReason'>;
}

interface TriggerEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Name?: string;
  readonly TaskScheduledId?: number;
}

const TASK_SCHEDULED = 4;
const TIMER_CREATED = 10;

export function courseOf(recording: Recording): HistoryCourse {
  return 'status' in recording
    ? { ...fromStatus(recording.status.historyEvents ?? []), end: endOf(recording.status.output) }
    : {
        ...fromTrigger(recording.trigger.history as unknown as readonly TriggerEvent[]),
        end: endOf(recording.output),
      };
}

function fromStatus(
  events: readonly { readonly EventType: string; readonly FunctionName?: string; readonly Name?: string }[],
): Omit<HistoryCourse, 'end'> {
  const news = events.flatMap(({ EventType, FunctionName = '', Name = '' }) => {
    if (EventType === 'TaskCompleted' || EventType === 'TaskFailed') return [FunctionName];
    if (EventType === 'EventRaised') return [`signal ${Name}`];
    return EventType === 'TimerFired' ? ['timer'] : [];
  });
  return { news, timers: events.filter(({ EventType }) => EventType === 'TimerCreated').length };
}

function fromTrigger(events: readonly TriggerEvent[]): Omit<HistoryCourse, 'end'> {
  const scheduled = events.filter(({ EventType }) => EventType === TASK_SCHEDULED);
  const names = new Map(scheduled.map(({ EventId, Name = '' }) => [EventId, Name]));
  const news = events.flatMap(({ EventType, TaskScheduledId = -1, Name = '' }) => {
    switch (EventType) {
      case 5:
      case 6:
        return [names.get(TaskScheduledId) ?? ''];
      case 11:
        return ['timer'];
      case 15:
        return [`signal ${Name}`];
      default:
        return [];
    }
  });
  return { news, timers: events.filter(({ EventType }) => EventType === TIMER_CREATED).length };
}

function endOf(output: unknown): HistoryCourse['end'] {
  const { trackingId, failureReason, ...end } = output as OrderResult;
  return end;
}
