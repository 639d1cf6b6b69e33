// List of the messages of a lane that can be delivered, lowest sequence number first, in memory that does not grow
// with the queue.
//
// ready-list.R1  Up to the cursor every message has been in memory once; what lies behind it is read from disk page by
//   page.
// ready-list.R2  A number may be in the list although its message is gone or locked, and may be in it twice: the code that
//   takes one looks at the lock and at the row.

const PAGE = 512;
/** Above this, newcomers stay on disk until the list has been emptied. */
const WINDOW_AT_MOST = 4096;

/** Sequence numbers after one and up to another, at most `limit`, in order. */
export type ReadPage = (after: number, upTo: number, limit: number) => readonly number[];

export class ReadyList {
  private window: number[] = [];
  private head = 0;
  private readonly returned = new MinHeap();
  private cursor = 0;
  /** Whether nothing waits on disk behind the cursor. */
  private complete = false;

  constructor(
    private readonly readPage: ReadPage,
    /** The newest message that is on disk. */
    private newest: number,
  ) {}

  /** A message that is on disk has become available, for the first time or again. */
  add(sequence: number): void {
    this.newest = Math.max(this.newest, sequence);
    if (sequence <= this.cursor) {
      this.returned.push(sequence);
    } else if (this.complete && this.held < WINDOW_AT_MOST) {
      this.window.push(sequence);
      this.cursor = sequence;
    } else {
      this.complete = false;
    }
  }

  /** How many numbers are in memory. */
  get held(): number {
    return this.window.length - this.head + this.returned.size;
  }

  /** Takes the lowest number off the list. */
  take(): number | undefined {
    const first = this.first();
    const back = this.returned.lowest();
    if (back !== undefined && (first === undefined || back <= first)) return this.returned.pop();
    if (first !== undefined) this.head += 1;
    return first;
  }

  private first(): number | undefined {
    if (this.head === this.window.length && !this.complete) {
      const page = this.readPage(this.cursor, this.newest, PAGE);
      this.complete = page.length < PAGE;
      this.cursor = this.complete ? Math.max(this.cursor, this.newest) : (page.at(-1) ?? this.cursor);
      this.window = [...page];
      this.head = 0;
    } else if (this.head > PAGE) {
      this.window = this.window.slice(this.head);
      this.head = 0;
    }
    return this.window[this.head];
  }
}

class MinHeap {
  private readonly items: number[] = [];

  get size(): number {
    return this.items.length;
  }

  lowest(): number | undefined {
    return this.items[0];
  }

  push(item: number): void {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.items[parent] ?? item;
      if (above <= item) break;
      this.items[at] = above;
      at = parent;
    }
    this.items[at] = item;
  }

  pop(): number | undefined {
    const [lowest, last] = [this.items[0], this.items.pop()];
    if (last === undefined || this.items.length === 0) return lowest;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = (this.items[left + 1] ?? Infinity) < (this.items[left] ?? Infinity) ? left + 1 : left;
      const below = this.items[child];
      if (below === undefined || below >= last) break;
      this.items[at] = below;
      at = child;
    }
    this.items[at] = last;
    return lowest;
  }
}
