// Target of a fuzz run: what is sent to it, and what an answer must be like. fast-check makes the inputs, runs them
// and shrinks the one that fails.
//
// fuzz-target.F1  Inputs follow from the seed alone. What a run gives (ids of orders, ports) comes in when an input is
//   sent.
// fuzz-target.F2  A target stops at its first failure: what the others send may have caused it, so it is sent once more
//   by itself.
import fc from 'fast-check';

/** Why an input is a failure, in one sentence; undefined when all is well. */
export type FailureReason = string | undefined;

export interface TargetParts<Input> {
  readonly name: string;
  /** Of 100 inputs, how many go here. */
  readonly share: number;
  /** How many of them are under way at a time. */
  readonly lanes?: number;
  readonly inputs: fc.Arbitrary<Input>;
  readonly send: (input: Input) => Promise<FailureReason>;
  /** The input as a person would send it again. */
  readonly show?: (input: Input) => string;
}

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** fast-check's way to the minimised input. */
  readonly path: string;
  readonly input: string;
  readonly reason: string;
  /** What the minimised input gives when it is sent once more. */
  readonly again: string;
}

export interface TargetRun {
  readonly seed: number;
  readonly inputs: number;
  /** Goes straight to one input of an earlier run. */
  readonly path?: string;
  /** Called for every input that was sent. */
  readonly onSent: () => void;
}

export interface Target {
  readonly name: string;
  readonly share: number;
  /** Sends its inputs; resolves with the failures, at most one per lane. */
  run(run: TargetRun): Promise<Failure[]>;
}

/** A failing input is sent so many times more, smaller each time; every one of them may wait for an answer. */
const SHRINKS_AT_MOST = 300;
const SHRINK_AT_MOST_MS = 30_000;

export function createTarget<Input>(parts: TargetParts<Input>): Target {
  const { name, share, lanes = 1 } = parts;
  return {
    name,
    share,
    async run({ seed, inputs, path, onSent }) {
      const count = path === undefined ? lanes : 1;
      const runs = Array.from({ length: count }, (_, lane) =>
        runLane(parts, { seed: seed + lane, inputs: Math.ceil(inputs / count), ...withPath(path), onSent }),
      );
      return (await Promise.all(runs)).filter((failure) => failure !== undefined);
    },
  };
}

const withPath = (path: string | undefined): { path?: string } => (path === undefined ? {} : { path });

async function runLane<Input>(
  { name, inputs, send, show = fc.stringify }: TargetParts<Input>,
  run: TargetRun,
): Promise<Failure | undefined> {
  let failedAtMs: number | undefined;
  let shrinks = 0;
  const isShrunkEnough = (): boolean =>
    failedAtMs !== undefined &&
    (++shrinks > SHRINKS_AT_MOST || performance.now() - failedAtMs > SHRINK_AT_MOST_MS);
  const property = fc.asyncProperty(inputs, async (input) => {
    if (isShrunkEnough()) return;
    const reason = await send(input);
    run.onSent();
    if (reason === undefined) return;
    failedAtMs ??= performance.now();
    throw new Error(reason);
  });
  const { seed, inputs: numRuns, path } = run;
  const details = await fc.check(property, { seed, numRuns, ...withPath(path) });
  if (!details.failed || details.counterexample === null) return undefined;
  const [input] = details.counterexample;
  return {
    target: name,
    seed,
    path: details.counterexamplePath,
    input: show(input),
    reason: messageOf(details.errorInstance),
    again: (await send(input)) ?? 'nothing is wrong: look at what was sent to the other targets just before',
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
