// What becomes of a connection on which something came that is no HTTP, for every HTTP listener of the local host.
//
// C1  It costs its connection, nothing else.
// C2  Requests that had come whole before it are answered first: a 400 ahead of them would be read as the answer to one
//     that is carried out. Node.js' own handling writes it ahead.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Has `server` answer what cannot be parsed with 400 (408, 431), and close. */
export function answerClientErrors(server: Server): void {
  const unanswered = new WeakMap<Duplex, Set<ServerResponse>>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const ofSocket = unanswered.get(request.socket) ?? new Set();
    unanswered.set(request.socket, ofSocket.add(response));
    response.once('close', () => ofSocket.delete(response));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const last = [...(unanswered.get(socket) ?? [])].at(-1);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (last?.req.complete === true) last.shouldKeepAlive = false;
    else socket.end(`HTTP/1.1 ${statusOf(error.code)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
}

function statusOf(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout';
  return '400 Bad Request';
}
