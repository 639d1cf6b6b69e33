// Progress of the export of old orders, as it is kept in the job's mark: what has been exported, and what of the part at hand is
// still to be done. Only export-old.ts reads and writes it.
import type { ExportedEvents } from '../ports/exports';
import type { Mark } from '../ports/marks';

/** A part before its files are written: the events of these orders up to these, and these histories. */
export interface PlannedPart {
  readonly seenUntil: string;
  readonly day: string;
  readonly orders: readonly { readonly orderId: string; readonly upTo: number }[];
  readonly histories: readonly string[];
}

/** What is in its files and may still be in the store. */
export interface PendingRemoval {
  readonly events: readonly ExportedEvents[];
  readonly histories: readonly string[];
}

export interface ExportProgress {
  readonly seenUntil: string;
  /** The last part that was written, as `<day>/<number>`. */
  readonly part: string;
  readonly planned: PlannedPart | null;
  readonly pending: PendingRemoval | null;
}

export const toMark = ({ seenUntil, part, planned, pending }: ExportProgress): Mark => ({
  ...{ seenUntil, part },
  ...(planned === null ? {} : { planned: JSON.stringify(planned) }),
  ...(pending === null ? {} : { pending: JSON.stringify(pending) }),
});

/** Only this job writes its mark, so it is taken at its word. */
export function fromMark({ seenUntil = '', part = '', planned, pending }: Mark): ExportProgress {
  return {
    ...{ seenUntil, part },
    planned: planned === undefined ? null : (JSON.parse(planned) as PlannedPart),
    pending: pending === undefined ? null : (JSON.parse(pending) as PendingRemoval),
  };
}
