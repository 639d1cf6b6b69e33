// State of a database's file while another process, as the second of two hosts that start together, opens it too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { stateOf } from '../../src/storage/database-file';

const OTHER = `
  const { rmSync, writeFileSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  writeFileSync(workerData, 'x');
  parentPort.postMessage('begun');
  for (;;) { writeFileSync(workerData, 'x'); rmSync(workerData); }`;

test('a journal that is removed at that moment is either seen or not, and nothing is thrown', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'database-state-'));
  const file = path.join(folder, 'hub.db');
  const other = new Worker(OTHER, { eval: true, workerData: `${file}-journal` });
  try {
    await new Promise((resolve) => other.once('message', resolve));
    const kinds = new Set(Array.from({ length: 20_000 }, () => stateOf(file).kind));
    expect([...kinds]).toEqual(['new']);
  } finally {
    await other.terminate();
    rmSync(folder, { recursive: true, force: true });
  }
});
