// Back-pressure of a connection: how many bytes may wait to be sent, so that a slow reader does not fill the memory.
import type { Socket } from 'node:net';

const BYTES_AT_MOST = 4 * 1024 * 1024;

export class Outlet {
  /** Handed to rhea, not yet to the socket. */
  private queued = 0;
  private starved = false;

  constructor(
    private readonly socket: Socket,
    private readonly onRoom: () => void,
  ) {
    socket.on('drain', () => this.wake());
  }

  /** Whether more may be sent now; after a false, `onRoom` is called when there is room. */
  hasRoom(): boolean {
    const has = this.queued + this.socket.writableLength < BYTES_AT_MOST;
    if (!has) this.starved = true;
    return has;
  }

  add(bytes: number): void {
    this.queued += bytes;
  }

  remove(bytes: number): void {
    this.queued -= bytes;
    if (this.queued === 0) this.wake();
  }

  private wake(): void {
    if (!this.starved || this.socket.writableLength >= BYTES_AT_MOST) return;
    this.starved = false;
    this.onRoom();
  }
}
