// Reader of exported histories: files of JSON lines, compressed by gzip, each line the record of one saga that ended.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { InstanceStatus, StatusEvent } from './status-history';

/** As the app writes them. */
interface ExportedRecord extends Pick<InstanceStatus, 'runtimeStatus' | 'input' | 'output'> {
  readonly orderId: string;
  readonly orchestrator: string;
  readonly createdAt: string;
  readonly history: readonly StatusEvent[];
}

const ENDING = '.jsonl.gz';

/**
 * The histories in the files of `folder` and below, or in the one file that it is; not the events of orders, which may lie beside
 * them. A saga that is in two files comes twice.
 */
export function* exportedIn(folder: string): Generator<InstanceStatus> {
  const files = folder.endsWith(ENDING)
    ? [folder]
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(ENDING))
        .sort()
        .map((file) => path.join(folder, file));
  for (const file of files) {
    for (const line of gunzipSync(readFileSync(file)).toString('utf8').split('\n')) {
      const record = line === '' ? undefined : (JSON.parse(line) as ExportedRecord);
      if (record !== undefined && 'history' in record) yield toStatus(record);
    }
  }
}

function toStatus({ orderId, orchestrator, createdAt, history, ...rest }: ExportedRecord): InstanceStatus {
  return {
    ...{ name: orchestrator, instanceId: orderId, createdTime: createdAt, historyEvents: history },
    ...{ runtimeStatus: rest.runtimeStatus, input: rest.input, output: rest.output },
  };
}
