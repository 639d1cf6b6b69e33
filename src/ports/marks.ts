// Where a job that goes through many orders keeps how far it is, for all hosts together.

/** What a job keeps: names of its own, and text. Empty before the first. */
export type Mark = Readonly<Record<string, string>>;

export interface StoredMark {
  readonly mark: Mark;
  /** Undefined while there is none. */
  readonly etag: string | undefined;
}

/** The store is away: a TransientError with `outage` says so. */
export interface Marks {
  read(job: string): Promise<StoredMark>;
  /**
   * Keeps `mark` if the stored one still has `etag` (undefined: if there is none). False, and nothing is changed, when
   * another host was faster: then what this one did since it read the mark may be done once more.
   */
  write(job: string, mark: Mark, etag: string | undefined): Promise<boolean>;
}
