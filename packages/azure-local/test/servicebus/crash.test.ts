import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { until } from '../../src/kit/until';
import { removeChildren, startChild } from '../../testing/child-programs';
import {
  config,
  connectionString,
  openServiceBus,
  queue,
  receiveOne,
} from '../../testing/servicebus-fixture';

const IMPATIENT = { retryOptions: { maxRetries: 0, timeoutInMs: 1000 } };
const ENTITIES = config([queue('q', { LockDuration: 'PT5M', MaxDeliveryCount: 5 })]);

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'servicebus-'));
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

afterAll(removeChildren);

/** Starts the broker in a process of its own and gives its address. */
async function start(): Promise<string> {
  const started = await startChild<{ address: string }>('servicebus/servicebus-child', [
    folder,
    JSON.stringify(ENTITIES),
  ]);
  child = started.child;
  return started.ready.address;
}

async function kill(): Promise<void> {
  const killed = child;
  child = undefined;
  if (killed === undefined) return;
  const gone = new Promise((resolve) => killed.once('exit', resolve));
  killed.kill('SIGKILL');
  await gone;
}

const COUNT = 20_000;
const BATCH = 100;

/** What a client knows for certain. */
class Ledger {
  readonly sent = new Set<number>();
  readonly received = new Set<number>();
  readonly completed = new Set<number>();
  readonly returned: number[] = [];
  private next = 0;

  /** Sends batches until `stop` says so or all is sent; a batch that fails is never sent again. */
  async send(client: ServiceBusClient, stop: () => boolean): Promise<void> {
    const sender = client.createSender('q');
    while (this.next < COUNT && !stop()) {
      const bodies = Array.from({ length: BATCH }, (_, n) => this.next + n);
      this.next += BATCH;
      await sender.sendMessages(bodies.map((body) => ({ body })));
      for (const body of bodies) this.sent.add(body);
    }
  }

  async receive(client: ServiceBusClient, stop: () => boolean): Promise<void> {
    const receiver = client.createReceiver('q');
    while (!stop()) {
      const messages = await receiver.receiveMessages(200, { maxWaitTimeInMs: 500 });
      await Promise.all(
        messages.map(async (message) => {
          const body = message.body as number;
          if (this.completed.has(body)) this.returned.push(body);
          this.received.add(body);
          await receiver.completeMessage(message);
          this.completed.add(body);
        }),
      );
    }
  }
}

test('after a kill in the middle of 20,000 messages, all that was accepted comes and nothing completed comes again', async () => {
  const ledger = new Ledger();
  const first = new ServiceBusClient(connectionString(await start()), IMPATIENT);
  let isKilled = false;
  const before = [ledger.send(first, () => isKilled), ledger.receive(first, () => isKilled)].map((work) =>
    work.catch(() => undefined),
  );
  await until('a third is completed', () => ledger.completed.size > COUNT / 3);
  await kill();
  isKilled = true;
  await Promise.all(before);
  await first.close();
  const completedBefore = ledger.completed.size;

  const second = new ServiceBusClient(connectionString(await start()));
  await ledger.send(second, () => false);
  const all = (): boolean => [...ledger.sent].every((body) => ledger.completed.has(body));
  await ledger.receive(second, all);
  expect(await second.createReceiver('q').peekMessages(10)).toEqual([]);
  await second.close();

  expect(completedBefore).toBeLessThan(ledger.sent.size);
  expect([...ledger.sent].filter((body) => !ledger.received.has(body))).toEqual([]);
  expect(ledger.returned).toEqual([]);
});

test('a message that was locked when the broker was killed comes at once, and that delivery counts', async () => {
  const first = new ServiceBusClient(connectionString(await start()), IMPATIENT);
  await first.createSender('q').sendMessages({ body: 'held' });
  await receiveOne(first.createReceiver('q'));
  await kill();
  await first.close();
  const second = new ServiceBusClient(connectionString(await start()));
  expect(await receiveOne(second.createReceiver('q'))).toMatchObject({ body: 'held', deliveryCount: 1 });
  await second.close();
});

test('a client whose socket dies connects again and goes on', async () => {
  const bus = await openServiceBus(ENTITIES);
  const port = Number(/:(\d+);/.exec(bus.connectionString)?.[1]);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port: near } = proxy.address() as { port: number };
  const client = new ServiceBusClient(connectionString(`127.0.0.1:${near}`), {
    retryOptions: { timeoutInMs: 1000, retryDelayInMs: 10 },
  });
  const [sender, receiver] = [client.createSender('q'), client.createReceiver('q')];
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  await receiver.completeMessage(await receiveOne(receiver));

  for (const socket of sockets) socket.destroy();
  await sender.sendMessages({ body: 3 });
  const bodies = [await receiveOne(receiver), await receiveOne(receiver)].map(({ body }) => body as unknown);

  expect(bodies).toEqual([2, 3]);
  await client.close();
  await bus.close();
  await new Promise((resolve) => proxy.close(resolve));
});
