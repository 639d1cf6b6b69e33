// Runner of the rows of the table that are measured in a process of their own; alone, such a program prints them.
import { fork } from 'node:child_process';
import path from 'node:path';
import { tableText, type BenchRow } from './table';

/** Hands rows to the bench that started this program and lets go of it, or prints them. */
export function reportRows(rows: readonly BenchRow[], inFlight: number): void {
  if (process.send === undefined) console.log(tableText(rows, inFlight));
  else process.send(rows, () => process.disconnect());
}

/** Runs `dist/bench/<name>.js` and gives its rows; rejects when it ends without. */
export function rowsOf(name: string, args: readonly (string | number)[]): Promise<readonly BenchRow[]> {
  const child = fork(path.resolve('dist/bench', `${name}.js`), args.map(String), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    let rows: readonly BenchRow[] | undefined;
    child.once('message', (message) => (rows = message as readonly BenchRow[]));
    child.once('exit', (code) => {
      if (rows === undefined) reject(new Error(`${name} ended with ${String(code)} and gave no figures.`));
      else resolve(rows);
    });
  });
}
