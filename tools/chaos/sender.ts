// Clients of a run: they send every order of the plan until it is taken, repeat some, cancel some, and record the
// answers. The invariants hold the system to those answers.
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { answerApproval, bringBack } from './after-placing';
import { pause, within } from './http-client';
import type { BadInput, PlannedOrder, Way } from './plan';
import {
  AGAIN_AFTER_MS,
  answered,
  notSentYet,
  untilAnswered,
  type Letter,
  type Sent,
  type Target,
} from './sent';

export interface Sender {
  readonly sent: readonly Sent[];
  /** Keys whose clients are not done: they send, repeat or cancel, or their moment has not come. */
  readonly open: ReadonlySet<string>;
  /** Sends everything at its moment; resolves when every order was taken or refused, or `signal` ended. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Does what an operator does with orders that wore out their deliveries: sends what the dead letters hold over HTTP, as
   * the queue would drop the id that it knows. Resolves when each was taken, or `signal` ended.
   */
  takeUp(letters: readonly Letter[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function createSender(
  placed: readonly PlannedOrder[],
  urls: { readonly api: string; readonly servicebus: string },
): Sender {
  const queue = openQueue(urls.servicebus);
  const orders = `${urls.api}/api/orders`;
  const sent = placed.map(notSentYet);
  const open = new Set(placed.map(({ key }) => key));
  return {
    sent,
    open,
    async run(signal) {
      const startedMs = performance.now();
      await Promise.all(
        sent.map(async (one) => {
          await pause(Math.max(0, one.planned.atMs - (performance.now() - startedMs)));
          await play({ orders, queue, signal }, one);
          open.delete(one.planned.key);
        }),
      );
    },
    async takeUp(letters, signal) {
      const bodies = new Map(letters.map(({ messageId, body }) => [messageId, body]));
      for (const one of sent) {
        const body = bodies.get(one.planned.key);
        if (body === undefined) continue;
        one.isTakenUp = true;
        await post({ orders, signal }, one, body);
      }
    },
    close: () => queue.close(),
  };
}

interface SendingTarget extends Target {
  readonly queue: OrderQueue;
}

async function play(target: SendingTarget, sent: Sent): Promise<void> {
  const { ways, againAfterMs, cancelAfterMs, key, bad } = sent.planned;
  const body = bodyOf(sent.planned);
  const send = (way: Way): Promise<void> =>
    way === 'http' ? post(target, sent, body) : target.queue.send(key, body, target.signal, sent);
  await Promise.all(ways.map(send));
  await Promise.all([
    againAfterMs !== undefined &&
      bad === undefined &&
      pause(againAfterMs).then(() => send(ways[0] ?? 'http')),
    cancelAfterMs !== undefined && pause(cancelAfterMs).then(() => cancel(target, sent)),
    answerApproval(target, sent),
    bringBack(target, sent),
  ]);
}

const BAD_BODIES: Readonly<Record<BadInput, string>> = {
  notJson: '{"customerId":',
  notAnObject: '[1, 2]',
  invalid: '{"customerId":"chaos-invalid","items":[]}',
};

/** The same text every time: another text under the same key would be another order. */
function bodyOf({ bad, customerId, items, pays, notBeforeMs }: PlannedOrder): string {
  if (bad !== undefined) return BAD_BODIES[bad];
  return JSON.stringify({
    customerId,
    ...pays,
    items: items.map((item) => ({ ...item, productName: `The ${item.productId}` })),
    ...(notBeforeMs === undefined ? {} : { notBefore: new Date(Date.now() + notBeforeMs).toISOString() }),
  });
}

const SENT_WITHIN_MS = 10_000;

async function post({ orders, signal }: Target, sent: Sent, body: string): Promise<void> {
  const { key, bad } = sent.planned;
  const headers = { 'content-type': 'application/json', 'idempotency-key': key, 'x-correlation-id': key };
  while (!signal.aborted) {
    const answer = await answered(sent, orders, { method: 'POST', headers, body });
    if (answer !== undefined) {
      const { status, json } = answer;
      if (status === 200 || status === 202) {
        sent.taken.push('http');
        sent.orderIds.add((json as { id: string }).id);
        return;
      }
      if (status === 400 && bad !== undefined) {
        sent.refused.push(status);
        return;
      }
      sent.odd.push(`POST was answered ${status} ${JSON.stringify(json)}`);
    }
    await pause(AGAIN_AFTER_MS);
  }
}

/** Of an order on the queue nobody knows the id yet. */
async function cancel(target: Target, sent: Sent): Promise<void> {
  const [id] = sent.orderIds;
  if (id === undefined) return;
  const answer = await untilAnswered(target, sent, `${id}/cancel`, { method: 'POST' }, [202, 409]);
  if (answer !== undefined) sent.cancels.push(answer.status);
}

interface OrderQueue {
  send(key: string, body: string, signal: AbortSignal, sent: Sent): Promise<void>;
  close(): Promise<void>;
}

/** The queue by the official SDK. After a failure it begins with a new connection: it is not the SDK that is tested. */
function openQueue(servicebus: string): OrderQueue {
  let open: { client: ServiceBusClient; sender: ServiceBusSender } | undefined;
  const connect = (): NonNullable<typeof open> => {
    const client = new ServiceBusClient(emulatorBusConnection(servicebus), {
      retryOptions: { maxRetries: 0, timeoutInMs: 5_000 },
    });
    return { client, sender: client.createSender('orders') };
  };
  return {
    async send(key, body, signal, sent) {
      const message = {
        messageId: key,
        correlationId: key,
        contentType: 'application/json',
        body: Buffer.from(body),
      };
      while (!signal.aborted) {
        const used = (open ??= connect());
        try {
          await within(SENT_WITHIN_MS, used.sender.sendMessages(message));
          sent.taken.push('queue');
          return;
        } catch {
          if (open === used) open = undefined;
          await within(SENT_WITHIN_MS, used.client.close()).catch(() => undefined);
          await pause(AGAIN_AFTER_MS);
        }
      }
    },
    close: async () => {
      if (open !== undefined) await within(SENT_WITHIN_MS, open.client.close()).catch(() => undefined);
    },
  };
}
