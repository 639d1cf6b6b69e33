// Type of a finding: what a check of `npm run doctor` reports.

export interface Finding {
  /** What was looked at, in one word or two. */
  readonly check: string;
  /** `error`: `npm start`, or what was asked for with --azure, cannot work. */
  readonly status: 'ok' | 'warning' | 'error';
  /** What was found and what it means. */
  readonly message: string;
  /** What to do about it; absent when there is nothing. */
  readonly remedy?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });

export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  status: 'warning',
  message,
  remedy,
});

export const problem = (check: string, message: string, remedy: string): Finding => ({
  check,
  status: 'error',
  message,
  remedy,
});
