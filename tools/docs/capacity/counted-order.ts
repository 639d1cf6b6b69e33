// Reader of test/golden/order-counts.json: what one order that completes asks of every service. The order-counts and
// order-storage tests hold each figure to the running code; docs/capacity.md is computed from them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const whole = z.int().nonnegative();
const amount = z.number().nonnegative();

const storeCount = z.strictObject({
  requests: whole,
  requestUnits: amount,
  bytesIn: whole,
  bytesOut: whole,
});
export type StoreCount = z.infer<typeof storeCount>;

const schema = z.strictObject({
  saga: z.strictObject({
    activities: whole,
    timers: whole,
    /** Batches written to the container `orders`: each is one page of the change feed at most. */
    commits: whole,
  }),
  /** Requests of the storage account when the task hub lies there. */
  taskHub: z.strictObject({
    episodes: whole,
    controlMessages: whole,
    workItems: whole,
    queueOperations: whole,
    tableOperations: whole,
  }),
  /** By container, without what is read by the clock. */
  store: z.record(z.string(), storeCount),
  events: z.strictObject({
    /** In their sequence: each goes to the topic. */
    types: z.array(z.string()),
    /** Of all envelopes together, as JSON. */
    bytes: whole,
    /** Those that go to the queue `customer-notifications` too, which the app itself receives. */
    toldToCustomers: whole,
  }),
  /** With 64 orders in flight, as docs/performance.md and test/bench/README.md have it: measured by hand, held by no test. */
  busy: z.strictObject({
    /** Of the function host alone. */
    hostCpuMs: amount,
    /** An order's share of the writes of its day's statistics. */
    statisticsUnits: amount,
  }),
});

export type CountedOrder = z.infer<typeof schema>;

const FILE = 'test/golden/order-counts.json';

/** The counts below `root`. */
export function countedOrder(root = path.resolve(__dirname, '../../..')): CountedOrder {
  return schema.parse(JSON.parse(readFileSync(path.join(root, FILE), 'utf8')));
}
