// Command lines of benches and test programs: checked values of flags, and one way to end a program whose flags are
// wrong. It knows no program's flags.

/** A program for the terminal: what --help prints, how its flags are read, and what it does with them. */
export interface Command<Options> {
  readonly usage: string;
  /** @throws Error with a sentence for what it cannot read */
  readonly read: (argv: readonly string[]) => Options;
  /** Resolves with the exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** Exit code of a program whose command line asks for nothing that it could do. */
export const EXIT_USAGE = 2;

/** Runs a program with the flags in `argv`; --help ends with 0, what cannot be read with EXIT_USAGE, both with the usage. */
export async function runCommand<Options>(
  { usage, read, run }: Command<Options>,
  argv: readonly string[],
): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  let options: Options;
  try {
    options = read(argv);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
    return EXIT_USAGE;
  }
  return run(options);
}

export interface Range {
  readonly from: number;
  /** No limit unless given. */
  readonly to?: number;
}

/** A number within a range, both ends included. @throws Error that names the flag */
export function numberOf(flag: string, text: string, range: Range): number {
  return within(range, text) ?? refuse(flag, `a number ${rangeText(range)}`, text);
}

/** As `numberOf`, without a fraction. */
export function wholeNumberOf(flag: string, text: string, range: Range): number {
  const value = within(range, text);
  return Number.isInteger(value) ? Number(value) : refuse(flag, `a whole number ${rangeText(range)}`, text);
}

/** Names from a list with commas between them. @throws Error that names the flag and what it knows */
export function namesOf<Name extends string>(flag: string, text: string, known: readonly Name[]): Name[] {
  return text
    .split(',')
    .map((name) => known.find((each) => each === name) ?? refuse(flag, `some of ${known.join(', ')}`, name));
}

function within({ from, to = Number.MAX_SAFE_INTEGER }: Range, text: string): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text);
  return value >= from && value <= to ? value : undefined;
}

function rangeText({ from, to }: Range): string {
  return to === undefined ? `from ${from}` : `from ${from} to ${to}`;
}

function refuse(flag: string, takes: string, text: string): never {
  throw new Error(`${flag} takes ${takes}, not "${text}".`);
}
