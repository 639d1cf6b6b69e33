// Warnings of the start, when there is no invocation whose log could take them: lines on standard error, which the
// Functions host logs as warnings when they hold the word.

export function warnAtStart(lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`Warning: ${line}\n`);
}
