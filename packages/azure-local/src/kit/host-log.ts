// Log port that every part of the local platform writes to; kit/log.ts implements it.
/** One line of the host's log, in the manner of `func start`. */
export interface HostLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}
