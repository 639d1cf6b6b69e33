// Collector of the facts after a run: from the store by the official SDK, from the broker by peeking, from the
// services' ledger, from the task hub. It settles nothing.
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { fromEventDocument, fromOrderDocument } from '../../src/adapters/cosmos-documents';
import { withoutSystemProperties, type StoredDocument } from '../../src/adapters/cosmos-select';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { ChaosSystem } from './chaos-system';
import type { DayCounts, Echo, Effect, Facts, ListedOrder, Stock } from './facts';
import { mustAnswer } from './http-client';
import { peekBroker } from './peek';
import type { Sent } from './sent';

/** What the collector must be given: no system remembers it. */
export interface Known {
  readonly sent: readonly Sent[];
  /** By product. */
  readonly supplied: Readonly<Record<string, number>>;
  /** The last published level on hand, by product. */
  readonly published: Readonly<Record<string, number>>;
}

export async function collectFacts(system: ChaosSystem, known: Known, signal: AbortSignal): Promise<Facts> {
  const store = openStore(system.urls.cosmos, signal);
  try {
    const documents = await store.all('orders');
    const streams = streamsOf(documents);
    const orders = documents.flatMap((document) => {
      if (document['kind'] !== 'order') return [];
      const { order } = fromOrderDocument(document);
      const first = streams.get(order.orderId)?.find(({ sequence }) => sequence === 1);
      return [{ ...order, lines: first?.type === 'OrderCreated' ? first.data.lines : [] }];
    });
    const days = (await store.all('daily-stats')).filter(({ id }) => id.startsWith('stats:'));
    const parked = await store.all('parking');
    return {
      sent: known.sent,
      orders,
      streams,
      ledger: await wholeLedger(system.urls.services, signal),
      stock: await stockOf(system.urls.services, known, signal),
      echoes: echoesOf(known, await store.all('inventory')),
      listed: (await store.all('customer-orders')).map(
        (document) => withoutSystemProperties(document) as ListedOrder,
      ),
      days: days as unknown as readonly DayCounts[],
      ...(await peekBroker(system.urls.servicebus)),
      parked: parked.map(({ source, reason }) => ({ source: String(source), reason: String(reason) })),
      unfinished: await unfinishedInstances(system.urls.api, signal),
      crashes: crashesIn(system.running.output()),
    };
  } finally {
    store.close();
  }
}

type Document = StoredDocument & { readonly id: string };

function openStore(
  cosmos: string,
  signal: AbortSignal,
): { all(id: string): Promise<readonly Document[]>; close(): void } {
  const client = new CosmosClient({ endpoint: cosmos, key: EMULATOR_KEY });
  return {
    /** Everything in a container; nothing when it was never used. */
    async all(id) {
      const { items } = client.database('orders-db').container(id);
      try {
        const { resources } = await items
          .query<Document>('SELECT * FROM c', { maxItemCount: 1_000, abortSignal: signal })
          .fetchAll();
        return resources;
      } catch (error) {
        if ((error as { code?: unknown }).code === 404) return [];
        throw error;
      }
    },
    close: () => client.dispose(),
  };
}

function streamsOf(documents: readonly Document[]): Map<string, readonly EventEnvelope[]> {
  const streams = new Map<string, EventEnvelope[]>();
  for (const document of documents) {
    if (document['kind'] !== 'event') continue;
    const event = fromEventDocument(document);
    const own = streams.get(event.orderId);
    if (own === undefined) streams.set(event.orderId, [event]);
    else own.push(event);
  }
  for (const own of streams.values()) own.sort((a, b) => a.sequence - b.sequence);
  return streams;
}

async function wholeLedger(services: string, signal: AbortSignal): Promise<Effect[]> {
  const lines: Effect[] = [];
  for (;;) {
    const url = `${services}/control/ledger?after=${lines.at(-1)?.seq ?? 0}`;
    const page = await mustAnswer<Effect[]>(url, signal);
    if (page.length === 0) return lines;
    lines.push(...page);
  }
}

export interface Level {
  readonly onHand: number;
  readonly reserved: number;
}

async function stockOf(services: string, { supplied }: Known, signal: AbortSignal): Promise<Stock[]> {
  return Promise.all(
    Object.entries(supplied).map(async ([productId, pieces]) => {
      const { onHand, reserved } = await mustAnswer<Level>(`${services}/control/stock/${productId}`, signal);
      return { productId, supplied: pieces, onHand, reserved };
    }),
  );
}

function echoesOf({ published }: Known, documents: readonly Document[]): Echo[] {
  return Object.entries(published).map(([productId, onHand]) => {
    const stock = documents.find((echo) => echo['productId'] === productId)?.['stock'] as
      Level | null | undefined;
    return { productId, published: onHand, echoed: stock?.onHand };
  });
}

async function unfinishedInstances(api: string, signal: AbortSignal): Promise<Facts['unfinished']> {
  const statuses = 'Running,Pending,Suspended,Failed,Terminated';
  const url = `${api}/runtime/webhooks/durabletask/instances?runtimeStatus=${statuses}&showInput=false&top=1000`;
  const found = await mustAnswer<Facts['unfinished'][number][]>(url, signal);
  return found.map(({ instanceId, runtimeStatus }) => ({ instanceId, runtimeStatus }));
}

/** What the supervisor said of processes that ended by themselves. */
function crashesIn(output: string): string[] {
  return [...output.matchAll(/^(?:host|platform) ended unexpectedly \((.*)\).*$/gm)]
    .filter(([, why = '']) => why !== 'SIGKILL' && why !== 'exit code 0')
    .map(([line]) => line);
}
