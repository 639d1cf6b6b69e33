// TCP proxy in front of a server that can be shut: then connections are refused, as when the server is away.
import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from '../src/kit/listen';

export interface TcpProxy {
  /** `127.0.0.1:<port>`; the same after each `open`. */
  readonly host: string;
  /** Breaks every connection and refuses new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** Passes no more data and keeps connections open: a peer that is there and says nothing. */
  mute(): void;
}

/** Opens a proxy to `target`, a `host:port`. */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const [host = '', targetPort = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((inside) => {
    const outside = keep(connect(Number(targetPort), host));
    keep(inside).pipe(outside).pipe(inside);
  });
  const port = await listenOnLoopback(server, 0, 'a proxy', '--port');
  return {
    host: `127.0.0.1:${port}`,
    shut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    mute() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async open() {
      await listenOnLoopback(server, port, 'a proxy', '--port');
    },
  };
}
