// TCP proxy that behaves as an unreliable network: it passes connections at once, late, or not at all.
import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from 'azure-local/kit/listen';

export interface FaultyProxy {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Breaks every connection; later ones are let in. */
  cut(): void;
  /** Breaks every connection, and later ones as soon as they are made, until `heal`. */
  shut(): void;
  /** Holds back every piece of data, in both directions, until `heal`. Pieces keep their order. */
  slow(delayMs: number): void;
  heal(): void;
  close(): Promise<void>;
}

/** Opens a proxy to `target`, a `host:port` where a server need not be yet. */
export async function openFaultyProxy(target: string): Promise<FaultyProxy> {
  const [host = '', targetPort = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let isShut = false;
  let delayMs = 0;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket
      .setNoDelay(true)
      .on('error', () => socket.destroy())
      .on('close', () => sockets.delete(socket));
  };
  const server = createServer((inside) => {
    if (isShut) {
      inside.destroy();
      return;
    }
    const outside = keep(connect(Number(targetPort), host));
    keep(inside);
    carry(inside, outside, () => delayMs);
    carry(outside, inside, () => delayMs);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const port = await listenOnLoopback(server, 0, 'a proxy', '--port');
  return {
    host: `127.0.0.1:${port}`,
    cut,
    shut() {
      isShut = true;
      cut();
    },
    slow(ms) {
      delayMs = ms;
    },
    heal() {
      isShut = false;
      delayMs = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

function carry(from: Socket, to: Socket, delayMs: () => number): void {
  const waiting: (() => unknown)[] = [];
  // Whichever timer fires, the piece that came first goes first: a delay that ends lets nothing overtake.
  const late = (act: () => unknown): void => {
    if (waiting.length === 0 && delayMs() === 0) {
      act();
      return;
    }
    waiting.push(act);
    setTimeout(() => waiting.shift()?.(), delayMs());
  };
  from.on('data', (piece) => late(() => to.write(piece)));
  from.on('end', () => late(() => to.end()));
  from.on('close', () => late(() => to.destroy()));
}
