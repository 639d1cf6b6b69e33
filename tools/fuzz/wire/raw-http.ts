// HTTP client over a socket of its own, for bytes that no client library would send. It reads the first answer only.
import { connect } from 'node:net';

/** A request before it becomes bytes; nothing in it is checked. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** In their order, repetitions included; `Host` and `Connection: close` are added unless they are here. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; of a repeated header the last. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** `unfinished`: we had not sent a whole request and hung up, or one that is malformed. `cut`: it was whole, and the server hung up on it. */
export type Exchanged =
  | { readonly kind: 'answer'; readonly answer: RawAnswer }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'cut'; readonly why: string }
  | { readonly kind: 'silent' };

/** Longer than any answer takes that is not late: `?wait` is at most a few seconds here. */
const ANSWER_WITHIN_MS = 30_000;

/** Who has damaged the framing cannot know whether the server waits for more: after this time we send no more. */
const SURELY_SENT_MS = 10_000;

/** The bytes of a request; `Content-Length` is that of the body unless a length or an encoding is among the headers. */
export function requestBytes({ method, target, headers, body }: RawRequest, host: string): Buffer {
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(has('host') ? [] : [`Host: ${host}`]),
    ...(has('connection') ? [] : ['Connection: close']),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(has('content-length') || has('transfer-encoding') || body.length === 0
      ? []
      : [`Content-Length: ${body.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** Sends the bytes and resolves with what came of it; it never rejects. */
export function exchange(origin: string, bytes: Buffer): Promise<Exchanged> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    const finish = (what: Exchanged): void => {
      clearTimeout(patience);
      clearTimeout(hangUp);
      socket.destroy();
      resolve(what);
    };
    let whole = isWhole(bytes);
    const hangUp = setTimeout(() => {
      whole = false;
      socket.end();
    }, SURELY_SENT_MS);
    const patience = setTimeout(() => finish({ kind: 'silent' }), ANSWER_WITHIN_MS);
    const over = (why: string): void => {
      const answer = parseAnswer(Buffer.concat(chunks), true);
      if (answer !== undefined) finish({ kind: 'answer', answer });
      else finish(whole && !isMalformed(bytes) ? { kind: 'cut', why } : { kind: 'unfinished' });
    };
    socket.setNoDelay(true);
    socket.once('connect', () => {
      socket.write(bytes);
      // A server waits for the rest of a request; only who has sent a whole one may wait for the answer.
      if (!whole) socket.end();
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = parseAnswer(chunks.length === 1 ? chunk : Buffer.concat(chunks), false);
      if (answer !== undefined) finish({ kind: 'answer', answer });
    });
    socket.once('close', () => over('the connection was closed'));
    socket.once('error', (error) => over(error.message));
  });
}

/** Whether these bytes hold a whole request, as far as its framing says. */
function isWhole(bytes: Buffer): boolean {
  // Line ends before a request are skipped.
  const start = bytes.findIndex((byte) => byte !== 0x0d && byte !== 0x0a);
  const end = bytes.indexOf('\r\n\r\n', Math.max(0, start));
  if (start < 0 || end < 0) return false;
  const head = bytes.subarray(start, end).toString('latin1');
  const rest = bytes.length - end - 4;
  if (/^transfer-encoding:/im.test(head)) return bytes.subarray(-5).toString('latin1') === '0\r\n\r\n';
  const lengths = [...head.matchAll(/^content-length:[ \t]*(\d+)[ \t]*\r?$/gim)];
  return lengths.every(([, length]) => rest >= Number(length));
}

/** A length that is no number, or what may not stand in a header (RFC 9110, 5.5). */
const MALFORMED = /^content-length:[ \t]*(?!\d+[ \t]*\r?$)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/im;

/** Whether the server may refuse the request at its head and close while we still send: such an answer is lost. */
const isMalformed = (bytes: Buffer): boolean =>
  MALFORMED.test(bytes.subarray(0, Math.max(0, bytes.indexOf('\r\n\r\n'))).toString('latin1'));

/** The first answer in the bytes, once it is all there; `ended`: nothing more will come. */
function parseAnswer(bytes: Buffer, ended: boolean): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(lines.map(splitHeader));
  const rest = bytes.subarray(end + 4);
  const length = headers.get('content-length');
  const status = Number(first.split(' ')[1]);
  if (status === 100) return parseAnswer(rest, ended);
  const whole = status === 204 || status === 304 || (length !== undefined && rest.length >= Number(length));
  return whole || ended ? { status, headers, body: rest.toString('utf8') } : undefined;
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
