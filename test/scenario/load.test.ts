// `npm run tool:load` as a program: where it finds the system, and what its exit code says.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenOnLoopback } from 'azure-local/kit/listen';

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

function load(...argv: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/bench/load.js', ...argv]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

/** An order API of which every second order is refused, if `refuses`. */
function orderApi(refuses: boolean): Server {
  let posts = 0;
  return createServer((request, response) => {
    request.resume();
    const isRefused = request.method === 'POST' && refuses && posts++ % 2 === 1;
    response.statusCode = isRefused ? 503 : request.method === 'POST' ? 202 : 200;
    const completedAt = new Date().toISOString();
    response.end(JSON.stringify({ id: 'order-1', status: 'completed', completedAt }));
  });
}

describe('npm run tool:load', () => {
  test.each([
    [false, 0, '10 sent, 10 accepted, 10 completed, 0 failed'],
    [true, 1, 'NOT ACCEPTED: 5, such as: 503'],
  ])('of an API that refuses orders (%s) ends with exit code %i', async (refuses, code, line) => {
    const server = orderApi(refuses);
    try {
      const port = await listenOnLoopback(server, 0, 'a stub', '--port');
      const ended = await load('--url', `http://127.0.0.1:${port}`, '--rate', '20', '--for', '0.5');
      expect(ended.said).toContain(line);
      expect(ended.code).toBe(code);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test('where nothing runs says how to start it or name it', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'load-'));
    try {
      const { code, said } = await load('--data', dataDir);
      expect(said).toContain(`No system that takes orders runs with the data in ${dataDir}. Start one with`);
      expect(code).toBe(1);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  test('with a flag that it does not know says which there are', async () => {
    const { code, said } = await load('--speed', '5');
    expect(said).toContain("Unknown option '--speed'");
    expect(said).toContain('Usage: npm run tool:load');
    expect(code).toBe(2);
  });
});
