// Prompt acknowledgement of what has no answer in AMQP: credit, and settlements that are final. Clients of @azure/service-bus
// leave Nagle's algorithm on (RFC 896), so what they write next waits until what they wrote before is acknowledged, and the
// kernel acknowledges by itself only after 40 ms (RFC 1122, 4.2.3.2), or with the next bytes that go the other way. Here these
// are an empty frame, which every peer has to take at any time (AMQP 1.0, part 2, 2.4.5).
import type { Socket } from 'node:net';

export class PromptAcknowledgement {
  private isDue = false;

  constructor(
    private readonly socket: Socket,
    private readonly sendEmptyFrame: () => void,
  ) {}

  /** A frame without an answer has been read. What is written anyway until the end of this turn acknowledges it as well. */
  note(): void {
    if (this.isDue) return;
    this.isDue = true;
    const { bytesWritten } = this.socket;
    setImmediate(() => {
      this.isDue = false;
      if (this.socket.writable && this.socket.bytesWritten === bytesWritten) this.sendEmptyFrame();
    });
  }
}
