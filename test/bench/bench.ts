// `npm run bench`: what a full order costs, over HTTP and over the queue until it is completed in the store, on a system
// of its own.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';
import { Agent, request } from 'undici';
import { startSystem, type RunningSystem } from '../../local/supervisor/running-system';
import { emulatorBusConnection } from '../../local/supervisor/settings';
import { poll } from '../../local/demo/system-client';

/** An order of its own customer, by whose number it is found again. */
const orderBody = (index: number): string =>
  JSON.stringify({
    customerId: `bench-${index}`,
    items: [
      { productId: 'bench-1', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
      { productId: 'bench-2', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
    ],
  });
const TICKS_PER_SECOND = 100;
/** Requests that wait for their answer at one time, however many orders may be unfinished. */
const MAX_SENDING = 64;
const agent = new Agent({ connections: 128 });

async function json<T>(url: string, method: 'GET' | 'DELETE' = 'GET'): Promise<T> {
  const response = await request(url, { method, dispatcher: agent });
  const text = await response.body.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A way for an order into the system; resolves when the system has taken it over. */
type Way = (body: string) => Promise<unknown>;

function overHttp({ urls }: RunningSystem): Way {
  return async (body) => {
    const options = { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' } };
    const response = await request(`${urls.api}/api/orders`, { ...options, body });
    await response.body.dump();
  };
}

function overQueue(client: ServiceBusClient): Way {
  const sender = client.createSender('orders');
  return (body) => sender.sendMessages({ messageId: randomUUID(), body: Buffer.from(body) });
}

interface Run {
  readonly firstIndex: number;
  readonly sentMs: readonly number[];
  readonly orderIds: readonly string[];
  readonly seconds: number;
}

let nextIndex = 0;

/** Runs `count` orders with `inFlight` of them unfinished at any time; resolves when the last is confirmed. */
async function run({ urls }: RunningSystem, way: Way, count: number, inFlight: number): Promise<Run> {
  const confirmations = confirmationsOf(urls.services);
  await confirmations();
  const firstIndex = nextIndex;
  nextIndex += count;
  const sentMs: number[] = [];
  const orderIds: string[] = [];
  let sending = 0;
  const startedMs = performance.now();
  while (orderIds.length < count) {
    while (sentMs.length < count && sentMs.length - orderIds.length < inFlight && sending < MAX_SENDING) {
      const body = orderBody(firstIndex + sentMs.length);
      sentMs.push(Date.now());
      sending += 1;
      void way(body).then(() => (sending -= 1));
    }
    await new Promise((resolve) => setTimeout(resolve, inFlight === 1 ? 1 : 5));
    orderIds.push(...(await confirmations()));
  }
  return { firstIndex, sentMs, orderIds, seconds: (performance.now() - startedMs) / 1_000 };
}

/** The orders that were confirmed since it was asked last: it reads on in the ledger, so asking stays cheap. */
function confirmationsOf(services: string): () => Promise<string[]> {
  let after = 0;
  return async () => {
    const lines = await json<{ seq: number; orderId: string }[]>(
      `${services}/control/ledger?effect=stockConfirmed&after=${after}`,
    );
    after = lines.at(-1)?.seq ?? after;
    return lines.map(({ orderId }) => orderId);
  };
}

/** From before an order was sent to the moment it was completed, by its own record, in ms; sorted. */
async function latencies(api: string, { firstIndex, sentMs, orderIds }: Run): Promise<number[]> {
  const times: number[] = [];
  for (const id of orderIds) {
    const { completedAt, customerId } = await poll(
      () => json<{ completedAt: string | null; customerId: string }>(`${api}/api/orders/${id}`),
      (order) => order.completedAt !== null,
    );
    const index = Number(customerId.slice('bench-'.length)) - firstIndex;
    times.push(Date.parse(completedAt ?? '') - (sentMs[index] ?? Number.NaN));
  }
  return times.sort((a, b) => a - b);
}

interface Told {
  /** From an order's completion to the broker's acceptance of its event, in ms; sorted. */
  readonly lags: readonly number[];
  /** When the last one was accepted. */
  readonly lastMs: number;
}

/** What the relay made of these orders, by a subscription that nobody reads: looked at, it keeps its messages. */
function relayedOf(client: ServiceBusClient): (orderIds: readonly string[]) => Promise<Told> {
  // The client remembers how far it has looked, so each message is looked at once.
  const receiver = client.createReceiver('order-events', 'order-completed-events');
  return async (orderIds) => {
    const missing = new Set(orderIds);
    const told: { acceptedMs: number; lagMs: number }[] = [];
    while (missing.size > 0) {
      for (const { body, enqueuedTimeUtc } of await receiver.peekMessages(250)) {
        const { orderId, occurredAt } = body as { orderId: string; occurredAt: string };
        const acceptedMs = enqueuedTimeUtc?.getTime() ?? Number.NaN;
        if (missing.delete(orderId)) told.push({ acceptedMs, lagMs: acceptedMs - Date.parse(occurredAt) });
      }
    }
    return {
      lags: told.map(({ lagMs }) => lagMs).sort((a, b) => a - b),
      lastMs: Math.max(...told.map(({ acceptedMs }) => acceptedMs)),
    };
  };
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

function rssMb(pid: number): number {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024,
  );
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

interface Counter {
  readonly requests: number;
  readonly requestUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

async function measure(
  system: RunningSystem,
  name: string,
  relayed: ReturnType<typeof relayedOf>,
  ...[way, count, inFlight]: [Way, number, number]
): Promise<void> {
  const { pids, urls } = system;
  const counters = `${urls.cosmos}/_lookalike/counters`;
  await json(counters, 'DELETE');
  const before = { host: cpuMs(pids.host), platform: cpuMs(pids.platform) };
  const ran = await run(system, way, count, inFlight);
  const cpu = (which: 'host' | 'platform'): string =>
    ((cpuMs(pids[which]) - before[which]) / count).toFixed(2);
  const row = {
    orders: count,
    inFlight,
    perSecond: Math.round(count / ran.seconds),
    cpuMsHost: cpu('host'),
    cpuMsPlatform: cpu('platform'),
  };
  const { lags, lastMs } = await relayed(ran.orderIds);
  const byContainer = await json<Record<string, Record<string, Counter>>>(`${counters}/containers`);
  const counts = Object.entries(byContainer).flatMap(([container, kinds]) =>
    Object.entries(kinds).map(([kind, counter]) => [`${container} ${kind}`, counter] as const),
  );
  const times = await latencies(urls.api, ran);
  console.log(name);
  console.table([
    {
      ...row,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      relayP50Ms: quantile(lags, 0.5),
      relayP99Ms: quantile(lags, 0.99),
      perSecondRelayed: Math.round((count * 1_000) / (lastMs - (ran.sentMs[0] ?? Number.NaN))),
      rssHostMb: rssMb(pids.host),
      rssPlatformMb: rssMb(pids.platform),
    },
  ]);
  const perOrder = (value: number): number => Math.round((value / count) * 100) / 100;
  console.table(
    Object.fromEntries(
      counts.map(([kind, { requests, requestUnits, bytesIn, bytesOut }]) => [
        kind,
        {
          requests: perOrder(requests),
          requestUnits: perOrder(requestUnits),
          bytesIn: perOrder(bytesIn),
          bytesOut: perOrder(bytesOut),
        },
      ]),
    ),
  );
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 3_000);
  const startedMs = performance.now();
  const system = await startSystem();
  const bus = new ServiceBusClient(emulatorBusConnection(system.urls.servicebus));
  const http = overHttp(system);
  const queue = overQueue(bus);
  const relayed = relayedOf(bus);
  try {
    await run(system, http, 1, 1);
    console.log(`start to first completed order: ${Math.round(performance.now() - startedMs)} ms`);
    await run(system, http, 500, 64);
    await measure(system, 'HTTP, one at a time', relayed, http, 300, 1);
    await measure(system, 'HTTP', relayed, http, count, 64);
    await measure(system, 'queue, one at a time', relayed, queue, 300, 1);
    await measure(system, 'queue', relayed, queue, count, 64);
    await measure(system, 'queue, all at once', relayed, queue, count, count);
  } finally {
    await bus.close();
    await system.stop();
    await agent.close();
  }
}

void main();
