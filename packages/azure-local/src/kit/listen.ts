// Opens a listener, on loopback unless the caller names another address; its error says what to do when the port is
// taken.
import type { Server } from 'node:net';

/** A port that could not be had; `message` is a sentence for the person at the terminal. */
export class PortInUseError extends Error {
  constructor(port: number, purpose: string, flag: string) {
    super(
      `Port ${port} (${purpose}) is taken by another program. Look at what holds it with ` +
        `\`ss -ltnp 'sport = :${port}'\` (macOS: \`lsof -i :${port}\`), or choose another port with ${flag} <port>; 0 takes a free one.`,
    );
    this.name = 'PortInUseError';
  }
}

/** Listens on 127.0.0.1 and returns the port in use; `0` takes a free one. */
export function listenOnLoopback(
  server: Server,
  port: number,
  purpose: string,
  flag: string,
): Promise<number> {
  return listenOn('127.0.0.1', server, port, purpose, flag);
}

/** The same on an address of the caller's: for the container image, which loopback would seal. */
export function listenOn(
  host: string,
  server: Server,
  port: number,
  purpose: string,
  flag: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port, purpose, flag) : error),
    );
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
