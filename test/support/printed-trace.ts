// Traces of an order on a running system: its spans, and what `npm run trace` prints of them.
import { execFile } from 'node:child_process';
import path from 'node:path';
import type { StoredSpan } from 'azure-local/telemetry/otlp-spans';

/** Its output; empty while no span has arrived. */
export function printedTrace(dataDir: string, orderId: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = [path.resolve('dist/local/trace.js'), '--data', dataDir, orderId];
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (error === null || stderr.startsWith('No trace of order')) resolve(stdout);
      else reject(new Error(stderr));
    });
  });
}

/** The spans that the receiver has of it. */
export async function spansOf(telemetryUrl: string, orderId: string): Promise<readonly StoredSpan[]> {
  const answer = await fetch(`${telemetryUrl}/control/spans?attribute=order.id&value=${orderId}`);
  return ((await answer.json()) as { readonly spans: readonly StoredSpan[] }).spans;
}
