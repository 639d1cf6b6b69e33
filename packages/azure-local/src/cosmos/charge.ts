// Formula of request units, fixed so that tests can hold an operation to a figure. The service's own figures depend on
// its indexing; these follow its published rules of thumb (a 1 KB read is 1 RU, a 1 KB write about 5):
//
//   read      1 per started KB                 304, 404, 409, 412: 1
//   create    5 per started KB                 query, feed: 2.5 + 0.05 per item + 0.5 per KB answered
//   replace, upsert of an existing, patch: 10 per started KB (the old version goes, the new one comes)
//   delete    5 per started KB of what goes    batch: the sum of its operations

const startedKilobytes = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

export const readCharge = (bytes: number): number => startedKilobytes(bytes);
export const createCharge = (bytes: number): number => 5 * startedKilobytes(bytes);
export const replaceCharge = (bytes: number): number => 10 * startedKilobytes(bytes);
export const deleteCharge = (bytes: number): number => 5 * startedKilobytes(bytes);

/** For a page of `items` documents of `bytes` in all. */
export const feedCharge = (items: number, bytes: number): number =>
  Math.round((2.5 + 0.05 * items + (0.5 * bytes) / 1024) * 100) / 100;

/** What an operation costs that found nothing to do, and anything that is not about documents. */
export const REFUSED_CHARGE = 1;
