// Recognises by its first bytes a client that speaks TLS, WebSockets or HTTP rather than plain AMQP, so that the error
// can say what to change. Pure.

export interface OtherProtocol {
  /** A sentence for the log: what is not simulated, and what to do. */
  readonly why: string;
  /** The answer in the client's own protocol, if there is one. */
  readonly answer: string | undefined;
}

const TLS_HANDSHAKE = 0x16;
const HTTP = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS) /;
const ENTITIES =
  'ServiceBusAdministrationClient is not simulated: entities are defined in the Config.json that it was started with.';

/** Undefined for AMQP, and for what is none of those. */
export function otherProtocol(first: Buffer): OtherProtocol | undefined {
  if (first[0] === TLS_HANDSHAKE) {
    const why = 'TLS is not simulated: add UseDevelopmentEmulator=true to the connection string.';
    return { why: `${why} ${ENTITIES}`, answer: undefined };
  }
  if (!HTTP.test(first.toString('latin1', 0, 8))) return undefined;
  const why = `HTTP is not simulated, nor is AMQP over WebSockets: connect over TCP, without webSocketOptions. ${ENTITIES}`;
  const head = `HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(why)}\r\nConnection: close`;
  return { why, answer: `${head}\r\n\r\n${why}` };
}
