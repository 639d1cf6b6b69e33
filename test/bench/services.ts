// How many charges a second the simulated payment service takes, durable, over loopback: server and client in two
// processes, 32 calls in flight. `node dist/bench/services.js [calls]`
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Pool } from 'undici';
import { wallClock } from '../../local/clock';
import { createServicesServer } from '../../local/services/server';
import { Journal } from '../../local/storage/journal';

const IN_FLIGHT = 32;
const CALLS = 20_000;

async function serve(folder: string): Promise<void> {
  const journal = new Journal(path.join(folder, 'bench.db'));
  const log = { info: () => undefined, warn: console.warn, error: console.error };
  const server = createServicesServer({ journal, clock: wallClock(), log });
  process.once('disconnect', () => process.exit(0));
  process.send?.(await server.listen(0));
}

/** Calls per second. */
async function charge(pool: Pool, calls: number, run: string): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < calls) {
      const orderId = `${run}-${next++}`;
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/payments/charges',
        headers: { 'content-type': 'application/json', 'idempotency-key': `${orderId}:ProcessPayment` },
        body: JSON.stringify({
          orderId,
          customerId: 'customer-1',
          amountMinor: 14_993,
          currency: 'EUR',
          method: 'card',
        }),
      });
      await body.text();
      if (statusCode !== 201) throw new Error(`A charge was answered with ${statusCode}`);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (calls * 1000) / (performance.now() - startedMs);
}

async function main(calls: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'services-bench-'));
  const child = fork(__filename, ['serve', folder]);
  try {
    const url = await new Promise<string>((resolve) =>
      child.once('message', (text) => resolve(text as string)),
    );
    const pool = new Pool(url, { connections: IN_FLIGHT, pipelining: 1 });
    await charge(pool, 2_000, 'warm-up');
    const perSecond = await charge(pool, calls, 'run');
    console.log(`${Math.round(perSecond)} charges/s, ${calls} calls, ${IN_FLIGHT} in flight`);
    await pool.close();
  } finally {
    child.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [mode, folder] = process.argv.slice(2);
void (mode === 'serve' && folder !== undefined ? serve(folder) : main(Number(mode ?? CALLS)));
