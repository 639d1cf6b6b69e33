// Writer of warnings at the start, when there is no invocation to log through: lines on standard error, which the
// Functions host logs as warnings when they hold the word.

export function warnAtStart(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`Warning: ${line}\n`);
}
