// Access of one host to the storage of its task hub: every operation is a commit of its own, and the host can end
// after any.
//
// hub-storage.C1  After the host has ended no operation of it is carried out, and none of its promises settles: its
//   memory is lost.
import { createHistoryTable, type HistoryTable } from './history-table';
import { createInstancesTable, type InstancesTable } from './instances-table';
import { createLeaseTable, type LeaseTable } from './lease-table';
import { createMessages, type Messages } from './messages';
import type { EndsAt, Moment } from './moments';
import type { SharedFile } from '../../storage/shared-file';

/** The queues and tables of the hub in one file. */
export interface Hub {
  readonly file: SharedFile;
  readonly messages: Messages;
  readonly history: HistoryTable;
  readonly instances: InstancesTable;
  readonly leases: LeaseTable;
}

/** Opens the hub in `file`, or creates it. */
export const openHub = (file: SharedFile): Hub => ({
  file,
  messages: createMessages(file),
  history: createHistoryTable(file),
  instances: createInstancesTable(file),
  leases: createLeaseTable(file),
});

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Made by the engine, once per host. */
export class HubStorage {
  private ended = false;

  constructor(
    readonly hub: Hub,
    private readonly endsAt: EndsAt | undefined,
    private readonly onEnd: () => void,
  ) {}

  /** hub-storage.C1. Carries out `change`, then asks whether the host ends here. */
  async commit<T>(moment: Moment, change: (hub: Hub) => T): Promise<T> {
    if (this.isOver()) return never();
    const result = await this.hub.file.commit(() => (this.isOver() ? undefined : change(this.hub)));
    if (this.isOver()) return never();
    if (this.endsAt?.(moment) === true) {
      this.end();
      return never();
    }
    return result as T;
  }

  /** hub-storage.C1. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.onEnd();
  }

  isOver(): boolean {
    return this.ended;
  }
}
