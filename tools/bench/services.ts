// Bench of the simulated payment service: durable charges per second over loopback, 32 calls in flight. `node
// dist/bench/services.js [calls]`.
import { Pool } from 'undici';
import { wallClock } from 'azure-local/kit/clock';
import { createServicesServer } from 'order-saga-simulators/server';
import { forkServer, serveForked } from './harness/forked-server';

const IN_FLIGHT = 32;
const CALLS = 20_000;
const WARM_UP = 2_000;
const log = { info: () => undefined, warn: console.warn, error: console.error };

function serve(): Promise<void> {
  return serveForked(async (journal) => {
    const server = createServicesServer({ journal, clock: wallClock(), log });
    return { address: await server.listen(0), close: () => server.close() };
  });
}

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
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return calls;
}

async function main(): Promise<void> {
  const calls = Number(process.argv[2] ?? CALLS);
  const server = await forkServer(__filename);
  const pool = new Pool(server.address, { connections: IN_FLIGHT, pipelining: 1 });
  await charge(pool, WARM_UP, 'warm-up');
  await server.measure('charge, 32 in flight', () => charge(pool, calls, 'run'));
  await pool.close();
  server.release();
}

void (process.argv[2] === 'serve' ? serve() : main());
