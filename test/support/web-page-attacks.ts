// Attacks of a web page on the machine of a developer, as tests on a running system: every listener of every process is asked
// as a page would have the browser ask.
import { request } from 'node:http';
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import { listenersOf, LOOPBACK } from './listeners';

/** What a page can send without a preflight, or after it has had its own name point to 127.0.0.1. */
const AS_A_PAGE: Readonly<Record<string, Record<string, string>>> = {
  'a name that was rebound': { host: 'evil.example' },
  'a page of another site': { origin: 'https://evil.example', 'content-type': 'text/plain' },
  'a sandboxed frame': { origin: 'null' },
  'an image or a script of another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
};

/** One of each that changes something where it is let in. */
const CALLS: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/api/orders'],
  ['POST', '/api/ops/replay'],
  ['GET', '/api/ui'],
  ['POST', '/admin/functions/ReconcileOrders'],
  ['POST', '/runtime/webhooks/durabletask/orchestrators/OrderSagaOrchestrator'],
  ['POST', '/runtime/webhooks/EventGrid?functionName=HandleInventoryEvent'],
  ['PUT', '/_lookalike/holds'],
  ['DELETE', '/_lookalike/counters'],
  ['PUT', '/control/faults'],
  ['PUT', '/control/subscriptions/inventory-events/theirs'],
  ['POST', '/payments/charges'],
];

/** The status, or `ended` where the connection was ended without an HTTP answer. */
function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<number | 'ended'> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', () => resolve('ended'));
    sent.end(method === 'GET' ? undefined : '[]');
  });
}

/** Declares the tests; `running` gives the system once it runs. */
export function webPageAttacks(running: () => RunningSystem): void {
  const namedPorts = (): number[] =>
    Object.values(running().urls).map((url: unknown) => Number(new URL(String(url)).port));
  /** Without /proc those that the system names. */
  const ports = (): number[] => {
    const found = listenersOf(Object.values(running().pids)).map(({ port }) => port);
    return [...new Set([...found, ...namedPorts()])].filter((port) => port > 0);
  };

  test('every listener of every process is on loopback', () => {
    const listeners = listenersOf(Object.values(running().pids));
    expect(listeners.filter(({ address }) => address !== LOOPBACK)).toEqual([]);
    if (process.platform === 'linux')
      expect(listeners.map(({ port }) => port)).toEqual(expect.arrayContaining(namedPorts()));
  });

  test.each(Object.entries(AS_A_PAGE))(
    '%s reaches no listener, whatever is asked for',
    async (_, headers) => {
      // It speaks AMQP, and says so.
      const broker = Number(new URL(running().urls.servicebus).port);
      for (const port of ports())
        for (const [method, path] of CALLS)
          expect([port, path, String(await ask(port, method, path, headers))]).toEqual([
            port,
            path,
            expect.stringMatching(port === broker ? /^501$/ : /^(?:403|ended)$/),
          ]);
    },
  );

  test('a program of this machine still reaches what the pages did not', async () => {
    const { api, services } = running().urls;
    expect(await ask(Number(new URL(api).port), 'GET', '/api/health', {})).toBe(200);
    expect(await ask(Number(new URL(services).port), 'GET', '/control/faults', {})).toBe(200);
  });
}
