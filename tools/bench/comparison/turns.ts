// Turns of this app and its peers: the same orders one after the other, one at a time and then many in flight, with what
// all processes of each took meanwhile.
import { messagesOf, serviceCallsOf } from '../harness/order-counts';
import { overHttp } from '../harness/order-target';
import type { MeasuredTarget, Sizes } from '../harness/order-figures';
import { byProcess } from '../harness/process-usage';
import { treeCpuMs, treeMb } from './process-tree';

export interface Turn {
  readonly perSecond: number;
  /** Per order, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly one: readonly number[];
  readonly many: readonly number[];
}

export interface Contender {
  readonly name: string;
  readonly measured: MeasuredTarget;
  readonly restMb: Readonly<Record<string, number>>;
  readonly turns: Turn[];
}

/** The platform process counts for itself; the supervisor only waits. */
function processesOf({ target }: MeasuredTarget): Record<string, number> {
  const { supervisor, ...pids } = target.pids;
  return pids;
}

export const memoryOf = (measured: MeasuredTarget): Record<string, number> =>
  byProcess(processesOf(measured), treeMb);

export async function takeTurn({ measured }: Contender, sizes: Sizes): Promise<Turn> {
  const { runner, target } = measured;
  const way = overHttp(target);
  const one = await runner.run(way, sizes.one, 1);
  const pids = processesOf(measured);
  const before = byProcess(pids, treeCpuMs);
  const many = await runner.run(way, sizes.many, sizes.inFlight);
  const after = byProcess(pids, treeCpuMs);
  return {
    perSecond: sizes.many / many.drainedSeconds,
    cpuMs: Object.fromEntries(
      Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? NaN)) / sizes.many]),
    ),
    one: one.latencies,
    many: many.latencies,
  };
}

/** What one more order did outside: its calls of services and its messages, in a sentence. */
export async function workOf({ measured }: Contender): Promise<string> {
  const { runner, target, bus } = measured;
  const { orderIds } = await runner.run(overHttp(target), 1, 1);
  const orderId = orderIds[0] ?? '';
  const calls = await serviceCallsOf(target, orderId);
  const messages = await messagesOf(bus, orderId);
  return `${calls.length} calls (${calls.join(', ')}); ${messages.length} messages (${messages.join(', ')})`;
}
