// Gate through which all settlements of a connection pass, so that completions and other settlements never share a
// frame.
//
// settlement-gate.G1  Every settlement of a connection goes through its gate, of the function over gRPC, or of
//   the host.
// settlement-gate.G2  In one turn of the event loop go either completions only, or one settlement of another kind. rhea
//   3.0.5 writes two adjacent dispositions of one turn as one frame with the outcome of the first: a dead letter next
//   to a completion would be completed and lost, and of two dead letters one would get the other's reason.
// settlement-gate.G3  What was asked for first goes first.

export interface SettlementGate {
  /** Runs `settle` in a turn that is its own (settlement-gate.G2); its result is the caller's. */
  pass(isCompletion: boolean, settle: () => Promise<void>): Promise<void>;
}

interface Waiting {
  readonly isCompletion: boolean;
  readonly go: () => void;
}

export function createSettlementGate(): SettlementGate {
  let waiting: Waiting[] = [];
  const turn = (): void => {
    const firstOther = waiting.findIndex(({ isCompletion }) => !isCompletion);
    const count = firstOther === -1 ? waiting.length : Math.max(1, firstOther);
    const going = waiting.slice(0, count);
    waiting = waiting.slice(count);
    // A turn ends only when what it started has reached the socket: microtasks and rhea's next tick come before.
    if (waiting.length > 0) setImmediate(turn);
    for (const { go } of going) go();
  };
  return {
    pass: (isCompletion, settle) =>
      new Promise((resolve, reject) => {
        waiting.push({ isCompletion, go: () => void settle().then(resolve, reject) });
        if (waiting.length === 1) setImmediate(turn);
      }),
  };
}
