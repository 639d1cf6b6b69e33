// Types and bounds of the disturbances of a plan. The bounds are what the product promises: an outage is shorter than
// a message is tried (three deliveries), clocks stay within the windows of duplicate detection and of store
// signatures.
import type {
  Disturbance,
  ProxiedService,
  Kind,
  PlanRequest,
  ServiceFault,
  StoreFault,
  Trouble,
} from './plan';
import { createRandom, type Random } from './random';

type Planner = (random: Random, request: PlanRequest) => Disturbance[];

const PLANNERS: Readonly<Record<Kind, Planner>> = {
  'kill-host': (random, request) => kills(random, request, 'kill-host', 'host', request.kills),
  'kill-platform': (random, request) => kills(random, request, 'kill-platform', 'platform', request.kills),
  'kill-all': (random, request) => kills(random, request, 'kill-all', 'all', request.kills),
  stop: planStops,
  services: (random, { durationMs }) => windows(random, durationMs, 5_000, planServices),
  cosmos: (random, { durationMs }) => windows(random, durationMs, 6_000, planStore),
  network: (random, { durationMs }) => windows(random, durationMs, 4_000, planNetwork),
  deliveries: (random, { durationMs }) =>
    moments(random, durationMs, Math.ceil(durationMs / 8_000)).map((atMs) => ({
      atMs,
      kind: 'deliveries',
      events: random.between(5, 20),
      seed: random.seed(),
    })),
  clock: planClocks,
};

export function planDisturbances(request: PlanRequest): Disturbance[] {
  return request.kinds.flatMap((kind) => PLANNERS[kind](createRandom(request.seed, kind), request));
}

/** `count` moments, one at random in each of as many equal stretches. */
function moments(random: Random, durationMs: number, count: number): number[] {
  const stretchMs = durationMs / count;
  return Array.from({ length: count }, (_, index) => Math.floor((index + random.next()) * stretchMs));
}

function kills(
  random: Random,
  { durationMs }: PlanRequest,
  ...[kind, what, count]: ['kill-host' | 'kill-platform' | 'kill-all', 'host' | 'platform' | 'all', number]
): Disturbance[] {
  return moments(random, durationMs, count).map((atMs) => ({ atMs, kind, what }));
}

function planStops(random: Random, { durationMs, kills: count }: PlanRequest): Disturbance[] {
  const times = Math.max(2, Math.ceil(count / 3));
  return moments(random, durationMs, times).map((atMs) => ({ atMs, kind: 'stop' }));
}

function windows(
  random: Random,
  durationMs: number,
  everyMs: number,
  plan: (random: Random, atMs: number) => Disturbance,
): Disturbance[] {
  return moments(random, durationMs, Math.ceil(durationMs / everyMs)).map((atMs) => plan(random, atMs));
}

/** Calls that a service may also lose on the way back; what is refused for good is refused by magic values only. */
const CALLS: readonly [
  Pick<ServiceFault, 'service' | 'operation'>,
  ...Pick<ServiceFault, 'service' | 'operation'>[],
] = [
  { service: 'inventory', operation: 'reserve' },
  { service: 'inventory', operation: 'confirm' },
  { service: 'inventory', operation: 'release' },
  { service: 'payments', operation: 'charge' },
  { service: 'payments', operation: 'refund' },
  { service: 'shipping', operation: 'ship' },
  { service: 'shipping', operation: 'cancel' },
  { service: 'notifications', operation: 'send' },
  { service: 'payments', operation: 'lookUp' },
  { service: 'payments', operation: 'refundPart' },
  { service: 'inventory', operation: 'restock' },
  { service: 'promotions', operation: 'redeem' },
  { service: 'promotions', operation: 'cancel' },
];
const REFUSABLE: readonly unknown[] = ['reserve', 'charge', 'ship'];

function planServices(random: Random, atMs: number): Disturbance {
  const rules = Array.from({ length: random.between(1, 4) }, (): ServiceFault => {
    const call = random.pick(CALLS);
    const fault = random.pick(['error', 'down', 'slow', 'loseAnswer', 'hang', 'refuse'] as const);
    const fits = fault === 'refuse' ? REFUSABLE.includes(call.operation) : true;
    return {
      ...call,
      fault: fits ? fault : 'loseAnswer',
      // Each that hangs costs its order the whole time of the step.
      probability: fault === 'hang' ? 0.05 : random.between(2, 7) / 10,
      seed: random.seed(),
      ...(fault === 'slow' ? { delayMs: random.between(50, 2_500) } : {}),
    };
  });
  return { atMs, kind: 'services', forMs: random.between(1_500, 5_000), rules };
}

const CONTAINERS = ['orders', 'leases', 'customer-orders', 'daily-stats', 'inventory'] as const;

function planStore(random: Random, atMs: number): Disturbance {
  const rules = Array.from({ length: random.between(1, 3) }, (): StoreFault => {
    const fault = random.pick(['throttle', 'unavailable', 'loseAnswer'] as const);
    return {
      fault,
      container: random.pick(CONTAINERS),
      probability: random.between(1, 4) / 10,
      seed: random.seed(),
      ...(fault === 'throttle' ? { retryAfterMs: random.between(1, 400) } : {}),
    };
  });
  return { atMs, kind: 'cosmos', forMs: random.between(1_000, 4_000), rules };
}

function planNetwork(random: Random, atMs: number): Disturbance {
  const proxy = random.pick(['cosmos', 'servicebus', 'services', 'eventgrid'] as const);
  const trouble = troubleAt(random, proxy);
  const forMs = trouble.how === 'shut' ? random.between(200, 2_000) : random.between(500, 4_000);
  return { atMs, kind: 'network', forMs, trouble };
}

function troubleAt(random: Random, proxy: ProxiedService): Trouble {
  const how = random.pick(['cut', 'shut', 'slow'] as const);
  return how === 'slow' ? { proxy, how, delayMs: random.between(5, 250) } : { proxy, how };
}

/** In all, so that nothing falls out of the five minutes in which a broker knows its duplicates. */
const CLOCK_WITHIN_MS = 120_000;

function planClocks(random: Random, { durationMs }: PlanRequest): Disturbance[] {
  const jumps = moments(random, durationMs, Math.ceil(durationMs / 9_000)).map((atMs) => ({
    atMs,
    kind: 'clock' as const,
    hostMs: random.between(-CLOCK_WITHIN_MS, CLOCK_WITHIN_MS),
    platformMs: random.between(0, CLOCK_WITHIN_MS),
  }));
  return jumps;
}
