// Write batching: changes of single messages in one turn of the event loop are written together. A run of neighbours
// is one statement, which costs a fraction of one each.
import type { Journal } from '../storage/journal';

/** The first and the last of neighbouring sequence numbers. */
export type Run = readonly [first: number, last: number];

export class GroupedChange {
  private open: { readonly sequences: number[]; readonly written: Promise<unknown> } | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly write: (run: Run) => void,
  ) {}

  /** Changes a message with the others of this turn; resolves when that is on disk. */
  add(sequence: number): Promise<unknown> {
    this.open ??= this.begin();
    this.open.sequences.push(sequence);
    return this.open.written;
  }

  private begin(): NonNullable<GroupedChange['open']> {
    const sequences: number[] = [];
    const written = Promise.resolve().then(() => {
      this.open = undefined;
      return this.journal.write(() => {
        for (const run of runsOf(sequences)) this.write(run);
      });
    });
    return { sequences, written };
  }
}

/** The runs of neighbours among numbers that are all different. */
export function runsOf(sequences: readonly number[]): Run[] {
  const runs: [number, number][] = [];
  for (const sequence of [...sequences].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.[1] === sequence - 1) run[1] = sequence;
    else runs.push([sequence, sequence]);
  }
  return runs;
}
