// Load of one HTTP request again and again over kept connections, one in flight on each, and what it costs the process
// that answers. It knows neither side.
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuMs } from './process-usage';
import { spreadOf, type Spread } from './quantile';

export interface Question {
  /** As it goes over the wire. */
  readonly text: string;
  /** The body of every answer. */
  readonly answer: string;
}

/** A question without a body, or one with JSON. */
export const questionOf = (method: string, path: string, answer: string, json = ''): Question => ({
  text:
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
    (json === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n`) +
    `\r\n${json}`,
  answer,
});

export interface SteadyLoad {
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpMs: number;
}

export interface SteadyFigures {
  readonly perSecond: number;
  readonly spread: Spread;
  readonly cpuMsEach: number;
}

/** Asks `port`, behind which is the process `pid`, for a while. */
export async function askSteadily(
  { pid, port }: { readonly pid: number; readonly port: number },
  question: Question,
  { connections, seconds, warmUpMs }: SteadyLoad,
): Promise<SteadyFigures> {
  let latencies: number[] = [];
  const sockets = Array.from({ length: connections }, () =>
    keepAsking(port, question, (tookMs) => latencies.push(tookMs)),
  );
  await pause(warmUpMs);
  const cpuBefore = cpuMs(pid);
  latencies = [];
  const startedMs = performance.now();
  await pause(seconds * 1000);
  const answered = latencies;
  const elapsedMs = performance.now() - startedMs;
  const usedMs = cpuMs(pid) - cpuBefore;
  for (const socket of sockets) socket.destroy();
  return {
    perSecond: (answered.length * 1000) / elapsedMs,
    spread: spreadOf(answered),
    cpuMsEach: usedMs / answered.length,
  };
}

/** Answers come one at a time on a connection: each ends with the body, whatever its headers. */
function keepAsking(port: number, { text, answer }: Question, onAnswer: (tookMs: number) => void): Socket {
  let received = '';
  let askedMs = 0;
  const ask = (): void => {
    askedMs = performance.now();
    socket.write(text);
  };
  const socket = connect(port, '127.0.0.1', ask);
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (!received.startsWith(OK)) throw new Error(`Not answered with 200: ${received}`);
    if (!received.endsWith(answer)) return;
    received = '';
    onAnswer(performance.now() - askedMs);
    ask();
  });
  return socket;
}

/** A first piece of an answer that is shorter than this has not been seen on loopback. */
const OK = 'HTTP/1.1 200 ';
