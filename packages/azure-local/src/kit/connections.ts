// Set of the open connections of an HTTP server, and how they are ended. It must not know what is served.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Each with the answers that are not out, in the order of their requests. */
export type Connections = ReadonlyMap<Socket, ReadonlySet<ServerResponse>>;

/**
 * The connections of `server` from now on. Of answers behind others on one connection Node.js says nothing when it breaks:
 * they go with it.
 */
export function trackConnections(server: Server): Connections {
  const connections = new Map<Socket, Set<ServerResponse>>();
  server.on('connection', (socket) => {
    connections.set(socket, new Set());
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const unanswered = connections.get(socket);
    unanswered?.add(response);
    response.once('close', () => unanswered?.delete(response));
  });
  return connections;
}

/** Ends the connection of `response` once it is out. */
export function endAfter(response: ServerResponse): void {
  // One that says so already is the last by itself.
  if (!response.shouldKeepAlive) return;
  response.shouldKeepAlive = false;
  // Not heeded when the head of the answer is out.
  response.once('close', () => response.req.socket.destroySoon());
}

/**
 * Stops listening and ends every connection: at once where nothing is awaited, and that may be one on which nothing was
 * ever sent; else after the last awaited answer. Resolves when all have ended.
 */
export function drain(
  server: Server,
  connections: Connections,
  isAwaited: (response: ServerResponse) => boolean = () => true,
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  for (const [socket, unanswered] of connections) {
    const last = [...unanswered].filter(isAwaited).at(-1);
    if (last === undefined) socket.destroy();
    else endAfter(last);
  }
  return ended;
}
