// Target: requests that arrive a byte at a time at every HTTP listener. The server must end them in time and serve
// others meanwhile, which the other targets check. A probe runs in the background throughout.
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { createTarget, type Target } from '../run/target';

interface LorisInput {
  readonly server: number;
  /** Whether the head is sent at once, and only the body slowly. */
  readonly inBody: boolean;
  readonly declared: number;
}

const BYTE_EVERY_MS = 500;
/** Node.js ends a head after one minute and a body after five, and looks every half minute. */
const ENDED_WITHIN_MS = { head: 120_000, body: 360_000 } as const;

const inputs: fc.Arbitrary<LorisInput> = fc.record({
  server: fc.nat(3),
  inBody: fc.boolean(),
  declared: fc.constantFrom(1_000, 100_000),
});

export interface OpenLorisTarget {
  readonly target: Target;
  /** Probes that the server should have ended by now and has not. */
  late(): string[];
  close(): void;
}

/** The target over these servers; it does not wait for what becomes of a probe. */
export function openLorisTarget(servers: Readonly<Record<string, string>>): OpenLorisTarget {
  const names = Object.keys(servers);
  const probes: Probe[] = [];
  const ticking = setInterval(() => {
    for (const { socket } of probes) if (!socket.destroyed && socket.writable) socket.write('x');
  }, BYTE_EVERY_MS);
  const target = createTarget<LorisInput>({
    name: 'loris',
    share: 0.1,
    inputs,
    async send({ server, inBody, declared }) {
      const name = names[server % names.length] ?? '';
      const head = `POST /api/orders HTTP/1.1\r\nHost: ${name}\r\nContent-Type: application/json\r\nContent-Length: ${declared}\r\n`;
      const probe = await openProbe(servers[name] ?? '', inBody ? `${head}\r\n` : `${head}X-Slow: `);
      probes.push({
        ...probe,
        name: `${inBody ? 'body' : 'head'} at ${name}`,
        part: inBody ? 'body' : 'head',
      });
      return undefined;
    },
  });
  return {
    target,
    late: () =>
      probes
        .filter(
          ({ socket, part, sinceMs }) =>
            !socket.destroyed && performance.now() - sinceMs > ENDED_WITHIN_MS[part],
        )
        .map(({ name }) => `A slow ${name} was never ended.`),
    close() {
      clearInterval(ticking);
      for (const { socket } of probes) socket.destroy();
    },
  };
}

interface Probe {
  readonly socket: Socket;
  readonly sinceMs: number;
  readonly name: string;
  readonly part: keyof typeof ENDED_WITHIN_MS;
}

/** A connection on which `first` has been said. A server that answers and hangs up has ended it. */
function openProbe(origin: string, first: string): Promise<Pick<Probe, 'socket' | 'sinceMs'>> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const opened = (): void => resolve({ socket, sinceMs: performance.now() });
    socket.on('error', () => socket.destroy());
    socket.once('end', () => socket.destroy());
    socket.once('close', opened);
    socket.once('connect', () => socket.write(first, opened));
    socket.resume();
  });
}
