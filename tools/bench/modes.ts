// Program behind `npm run tool:modes`: runs one order that the carrier refuses in both saga modes, each on a system of its own,
// and prints what it took. Used for docs/choreography.md.
import { readFileSync } from 'node:fs';
import { startSystem } from 'azure-local/supervisor/running-system';
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { wakesSaga } from '../../src/saga/order/waking-events';
import type { EventEnvelope } from '../../src/domain/event-envelope';

/** What the mode choreography consists of; an orchestration has the interpreter and the orchestrator. */
const FILES = {
  orchestration: [
    'src/saga/engine/interpreter.ts',
    'src/saga/engine/saga-run.ts',
    'src/saga/order/order-saga.orchestrator.ts',
    'src/adapters/durable-saga-control.ts',
    'src/functions/order-saga.durable.ts',
  ],
  choreography: [
    'src/saga/engine/resuming.ts',
    'src/saga/order/working-time.ts',
    'src/saga/order/waking-events.ts',
    'src/ports/saga-messages.ts',
    'src/commands/take-turn.ts',
    'src/adapters/service-bus-saga-messages.ts',
    'src/functions/choreography.servicebus.ts',
  ],
} as const;
type Mode = keyof typeof FILES;

const ITEMS = [{ productId: 'prod-001', productName: 'Widget', quantity: 1, unitPrice: 49.99 }];

/** Lines that are neither blank nor a comment. */
function codeLines(mode: Mode): number {
  const isCode = (line: string): boolean => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line);
  return FILES[mode].flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(isCode)).length;
}

interface Figures {
  readonly events: number;
  /** Of the platform: messages of the task hub, or messages of Service Bus beyond what both modes send. */
  readonly 'history events': number;
  readonly 'wakes received': number;
  readonly 'credits more': number;
  readonly ms: number;
  readonly lines: number;
}

async function measured(mode: Mode): Promise<Figures> {
  const system = await startSystem({ settings: { 'OrderProcessing:SagaMode': mode } });
  try {
    const client = createSystemClient(system.urls);
    const end = async (): Promise<{ id: string; ms: number }> => {
      const startedMs = performance.now();
      const { id } = await client.place({ customerId: 'noship-compared', items: ITEMS });
      await poll(() => client.order(id), isEnded);
      return { id, ms: Math.round(performance.now() - startedMs) };
    };
    // The first order also opens connections.
    await end();
    const { id, ms } = await end();
    const events = (await client.events(id)) as unknown as readonly EventEnvelope[];
    const history = await fetch(
      `${system.urls.api}/runtime/webhooks/durabletask/instances/${id}?showHistory=true`,
    );
    const { historyEvents = [] } = history.ok
      ? ((await history.json()) as { readonly historyEvents?: readonly unknown[] })
      : {};
    const wakes = mode === 'choreography' ? events.filter(wakesSaga).length : 0;
    return {
      events: events.length,
      'history events': historyEvents.length,
      'wakes received': wakes,
      // The filter of the subscription is looked at for every event, and what it takes is delivered.
      'credits more': mode === 'choreography' ? events.length + wakes : 0,
      ms,
      lines: codeLines(mode),
    };
  } finally {
    await system.stop();
  }
}

async function main(): Promise<void> {
  console.table({
    orchestration: await measured('orchestration'),
    choreography: await measured('choreography'),
  });
}

void main();
