// Orchestrator of bulk operations: page after page, until the operation has ended. Where it stands, and whether it is to stop, is
// in the store and not here: a signal could be lost when it comes while the instance continues as new.
import type { OrchestrationHandler } from 'durable-functions';
import type { BulkInput, BulkPageAnswer } from '../../domain/bulk';

/** So that the history stays short however many orders there are. */
const PAGES_PER_RUN = 20;
const WAIT_MS = 5_000;

/** Deterministic: it only reads its input and history. */
export const bulkOrchestrator: OrchestrationHandler = function* (context) {
  const { df } = context;
  const input = df.getInput<BulkInput>();
  const { id } = input.order;
  for (let page = 0; page < PAGES_PER_RUN; page += 1) {
    const answer = (yield df.callActivity('RunBulkPage', input)) as BulkPageAnswer | null;
    // An answer that is another operation's is none (S22): the page is asked for again.
    if (answer?.id !== id) continue;
    if (answer.next === 'end') return { id };
    if (answer.next === 'wait') {
      const dueMs = df.currentUtcDateTime.getTime() + WAIT_MS;
      yield df.createTimer(new Date(dueMs));
    }
  }
  df.continueAsNew(input);
  return { id };
};
