// Runner of ESLint, with the repository's configuration, on texts that are in no file.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const repositoryRoot = path.resolve(__dirname, '../..');

export interface Finding {
  readonly rule: string;
  readonly line: number;
}

/**
 * What ESLint finds in each of `texts` as if it stood in the file it names: by all rules but those that need types, or by
 * `rule` alone.
 */
export function lintTexts(
  texts: readonly { readonly file: string; readonly code: string }[],
  rule?: string,
): Finding[][] {
  const program = path.resolve(__dirname, 'lint-text.mjs');
  return JSON.parse(
    execFileSync(process.execPath, [program, ...(rule === undefined ? [] : [rule])], {
      cwd: repositoryRoot,
      input: JSON.stringify(texts),
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    }),
  ) as Finding[][];
}
