// `npm run bench`: what a full order costs, over HTTP until it is completed in the store, on a system of its own.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { startSystem, type RunningSystem } from '../../local/supervisor/running-system';
import { poll } from '../../local/demo/system-client';

const ORDER = JSON.stringify({
  customerId: 'bench',
  items: [
    { productId: 'bench-1', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
    { productId: 'bench-2', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
  ],
});
const TICKS_PER_SECOND = 100;
const agent = new Agent({ connections: 128 });

interface Sample {
  readonly id: string;
  readonly postedMs: number;
}

async function json<T>(url: string, method: 'GET' | 'DELETE' = 'GET'): Promise<T> {
  const response = await request(url, { method, dispatcher: agent });
  const text = await response.body.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function post(api: string): Promise<Sample> {
  const postedMs = Date.now();
  const response = await request(`${api}/api/orders`, {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json' },
    body: ORDER,
  });
  const { id } = (await response.body.json()) as { id: string };
  return { id, postedMs };
}

/** Runs `count` orders with `inFlight` of them unfinished at any time; resolves when the last is confirmed. */
async function run(
  { urls }: RunningSystem,
  count: number,
  inFlight: number,
): Promise<{ samples: Sample[]; seconds: number }> {
  const confirmations = confirmationsOf(urls.services);
  await confirmations();
  const samples: Sample[] = [];
  let posting = 0;
  let done = 0;
  const startedMs = performance.now();
  while (done < count) {
    while (samples.length + posting < count && samples.length + posting - done < inFlight) {
      posting += 1;
      void post(urls.api).then((sample) => {
        posting -= 1;
        samples.push(sample);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, inFlight === 1 ? 1 : 5));
    done += await confirmations();
  }
  return { samples, seconds: (performance.now() - startedMs) / 1_000 };
}

/** How many orders were confirmed since it was asked last: it reads on in the ledger, so asking stays cheap. */
function confirmationsOf(services: string): () => Promise<number> {
  let after = 0;
  return async () => {
    const lines = await json<{ seq: number }[]>(
      `${services}/control/ledger?effect=stockConfirmed&after=${after}`,
    );
    after = lines.at(-1)?.seq ?? after;
    return lines.length;
  };
}

/** From before the POST to the moment the order was completed, by the order's own record, in ms; sorted. */
async function latencies(api: string, samples: readonly Sample[]): Promise<number[]> {
  const times: number[] = [];
  for (const { id, postedMs } of samples) {
    const { completedAt } = await poll(
      () => json<{ completedAt: string | null }>(`${api}/api/orders/${id}`),
      (order) => order.completedAt !== null,
    );
    times.push(Date.parse(completedAt ?? '') - postedMs);
  }
  return times.sort((a, b) => a - b);
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

async function measure(system: RunningSystem, count: number, inFlight: number): Promise<void> {
  const { pids, urls } = system;
  const counters = `${urls.cosmos}/_lookalike/counters`;
  await json(counters, 'DELETE');
  const before = { host: cpuMs(pids.host), platform: cpuMs(pids.platform) };
  const { samples, seconds } = await run(system, count, inFlight);
  const cpu = (name: 'host' | 'platform'): string => ((cpuMs(pids[name]) - before[name]) / count).toFixed(2);
  const row = {
    inFlight,
    orders: count,
    perSecond: Math.round(count / seconds),
    cpuMsHost: cpu('host'),
    cpuMsPlatform: cpu('platform'),
  };
  const counts = Object.entries(await json<Record<string, Counter>>(counters)).filter(
    ([kind]) => kind !== 'query',
  );
  const times = await latencies(urls.api, samples);
  console.table([
    {
      ...row,
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
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
  const startedMs = performance.now();
  const system = await startSystem();
  try {
    await run(system, 1, 1);
    console.log(`start to first completed order: ${Math.round(performance.now() - startedMs)} ms`);
    await run(system, 500, 64);
    await measure(system, 300, 1);
    await measure(system, Number(process.argv[2] ?? 3_000), 64);
  } finally {
    await system.stop();
    await agent.close();
  }
}

void main();
