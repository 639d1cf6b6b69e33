// Marks of jobs in memory, which pass the same contract suite as those in Cosmos DB.
import type { Marks, StoredMark } from '../../src/ports/marks';

export function createMemoryMarks(): Marks {
  const marks = new Map<string, StoredMark>();
  let writes = 0;
  return {
    read: (job) => Promise.resolve(marks.get(job) ?? { mark: {}, etag: undefined }),
    write: (job, mark, etag) => {
      if (marks.get(job)?.etag !== etag) return Promise.resolve(false);
      marks.set(job, { mark, etag: `etag-${++writes}` });
      return Promise.resolve(true);
    },
  };
}
