// Measurement of orders on one target by one way in: one at a time, then many in flight.
import { ServiceBusClient } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { messagesOf, resetStoreCounts, serviceCallsOf, storeCounts, type StoreCounts } from './order-counts';
import { createOrderRunner, type OrderRunner } from './order-run';
import type { OrderTarget, Way } from './order-target';
import { byProcess, cpuMs, rssMb } from './process-usage';
import { spreadOf, type Spread } from './quantile';
import type { BenchRow } from './table';

/** How many orders are measured; `many` of them with `inFlight` under way. */
export interface Sizes {
  readonly one: number;
  readonly many: number;
  readonly inFlight: number;
}

export interface OrderFigures extends BenchRow {
  readonly oneAtATime: Spread;
  readonly inFlight: Spread;
  /** Until the last order is completed, relay and list left out. */
  readonly completedPerSecond: number;
  readonly relayLag: Spread;
  /** Per order, with many in flight. */
  readonly store: StoreCounts;
  /** Of one order. */
  readonly serviceCalls: readonly string[];
  readonly messages: readonly string[];
  readonly sampleOrderId: string;
}

export interface MeasuredTarget {
  readonly target: OrderTarget;
  readonly runner: OrderRunner;
  readonly bus: ServiceBusClient;
}

/** Opens what measures a target, has `work` done with it, and closes it. */
export async function whileMeasured<T>(
  target: OrderTarget,
  work: (measured: MeasuredTarget) => Promise<T>,
): Promise<T> {
  const bus = new ServiceBusClient(emulatorBusConnection(target.urls.servicebus));
  const runner = createOrderRunner(target, bus);
  try {
    return await work({ target, runner, bus });
  } finally {
    runner.close();
    await bus.close();
  }
}

/** Orders one at a time, then `sizes.many` of them with `sizes.inFlight` under way. */
export async function measureOrders(
  name: string,
  { target, runner, bus }: MeasuredTarget,
  way: Way,
  sizes: Sizes,
): Promise<OrderFigures> {
  const one = await runner.run(way, sizes.one, 1);
  // Looked at now: the services' log keeps a thousand calls.
  const sampleOrderId = one.orderIds.at(-1) ?? '';
  const serviceCalls = await serviceCallsOf(target, sampleOrderId);
  await resetStoreCounts(target);
  const pids = withoutSupervisor(target.pids);
  const cpuBefore = byProcess(pids, cpuMs);
  const many = await runner.run(way, sizes.many, sizes.inFlight);
  const cpuAfter = byProcess(pids, cpuMs);
  const store = withoutWatching(await storeCounts(target, sizes.many), many.listReads / sizes.many);
  return {
    name,
    perSecond: sizes.many / many.drainedSeconds,
    oneAtATime: spreadOf(one.latencies),
    inFlight: spreadOf(many.latencies),
    cpuMs: Object.fromEntries(
      Object.keys(pids).map((process) => {
        return [process, ((cpuAfter[process] ?? NaN) - (cpuBefore[process] ?? NaN)) / sizes.many];
      }),
    ),
    rssMb: byProcess(pids, rssMb),
    completedPerSecond: sizes.many / many.completedSeconds,
    relayLag: spreadOf(many.relayLags),
    store,
    serviceCalls,
    messages: await messagesOf(bus, sampleOrderId),
    sampleOrderId,
  };
}

function withoutSupervisor({ supervisor, ...pids }: OrderTarget['pids']): Record<string, number> {
  return pids;
}

/** The bench reads the list to see when it is complete; the app as a rule does not. */
function withoutWatching(counts: StoreCounts, listReads: number): StoreCounts {
  const { 'customer-orders read': reads, ...others } = counts;
  const left = (reads?.requests ?? 0) - listReads;
  return reads === undefined || left < 0.005
    ? others
    : { ...others, 'customer-orders read': { ...reads, requests: left, requestUnits: left } };
}
