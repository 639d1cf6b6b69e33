// TCP balancer on loopback: the one address of several function hosts. It knows connections, not requests: what a
// client sends over one connection goes to one host, as long as both hold it.
//
// balancer.B1  Connections take the hosts in turn. A host that is down, or does not accept, is passed over.
// balancer.B2  What a host and a client send each other is not looked at, and nothing of it is sent again: a host that
//   dies ends the connections that it had.
// balancer.B3  Where no host is up the connection is ended at once, as one to a host that is starting again would be.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from '../kit/listen';

export interface Balancer {
  /** `http://127.0.0.1:<port>`; 0 takes a free one. @throws PortInUseError */
  listen(port: number): Promise<string>;
  /** A host accepts connections at this port of loopback. */
  up(host: string, port: number): void;
  down(host: string): void;
  /** Takes no more connections; those there are go on. Idempotent. */
  refuse(): void;
  /** Ends every connection. Idempotent. */
  close(): void;
}

const LOOPBACK = '127.0.0.1';

export function createBalancer(): Balancer {
  return new TcpBalancer();
}

class TcpBalancer implements Balancer {
  private readonly server: Server;
  private readonly ports = new Map<string, number>();
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  constructor() {
    // Either side may have said all it will while the other has not; what a host makes of it is the host's to say.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.accept(client));
  }

  async listen(port: number): Promise<string> {
    return `http://${LOOPBACK}:${await listenOnLoopback(this.server, port, 'the function hosts', '--port')}`;
  }

  up(host: string, port: number): void {
    this.ports.set(host, port);
  }

  down(host: string): void {
    this.ports.delete(host);
  }

  refuse(): void {
    this.server.close(() => undefined);
  }

  close(): void {
    this.refuse();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(client: Socket): void {
    this.keep(client);
    const ports = [...this.ports.values()];
    const first = this.turn % Math.max(1, ports.length);
    this.turn += 1;
    this.tryNext(client, [...ports.slice(first), ...ports.slice(0, first)]);
  }

  /** balancer.B1, balancer.B3. */
  private tryNext(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined || client.destroyed) {
      client.destroy();
      return;
    }
    const host = connect({ host: LOOPBACK, port, allowHalfOpen: true, noDelay: true });
    this.keep(host);
    let isConnected = false;
    host.once('connect', () => {
      isConnected = true;
      join(client, host);
    });
    host.once('close', () => {
      if (!isConnected) this.tryNext(client, others);
    });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    // Of a broken connection `close` tells, which follows; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}

/** balancer.B2. Each gets what the other sends, its end included; one that breaks takes the other along. */
function join(client: Socket, host: Socket): void {
  for (const [one, other] of [
    [client, host],
    [host, client],
  ] as const) {
    one.pipe(other);
    one.once('close', (hadError) => {
      if (hadError || !one.readableEnded) other.destroy();
    });
  }
}
