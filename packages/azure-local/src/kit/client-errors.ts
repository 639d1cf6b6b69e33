// Handler of connections that carry something other than HTTP, for every HTTP listener of the platform.
//
// client-errors.C1  It costs its connection, nothing else.
// client-errors.C2  Requests that had come whole before it are answered first: a 400 ahead of them would be read as the
//   answer to one that is carried out. Node.js' own handling writes it ahead.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { endAfter, type Connections } from './connections';

/** Has `server` answer what cannot be parsed with 400 (408, 431), and close. */
export function answerClientErrors(server: Server, connections: Connections): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const whole = [...(connections.get(socket) ?? [])].filter(({ req }) => req.complete).at(-1);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (whole !== undefined) endAfter(whole);
    else socket.end(`HTTP/1.1 ${statusOf(error.code)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
}

function statusOf(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout';
  return '400 Bad Request';
}
