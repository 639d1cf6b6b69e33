// Types of the outcomes of a call to another service (S3). Expected results are values, not exceptions.

/** The last thing that went wrong with a step, as operators read it. */
export interface StepError {
  readonly code: string;
  readonly message: string;
}

export interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
}

/** A business "no": it did not act, and asking again would not help. */
export interface Refused {
  readonly kind: 'refused';
  readonly detailCode: string;
  readonly reason: string;
}

/**
 * It did not work this time. `outage` names what is away: a service or the store (503, refused connection, open breaker), or
 * the platform that should have run the call. Waiting for them does not use up attempts (S11). `key`: another call under the
 * key is at work. `refusal`: the store answers and refuses this write for a reason that waiting does not cure. Null: it
 * answered, with an error of its own.
 */
export interface Transient {
  readonly kind: 'transient';
  readonly outage: 'service' | 'store' | 'platform' | 'key' | 'refusal' | null;
  readonly error: StepError;
}

/** Whether the service acted is unknown: the time ran out or the answer was lost. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly cause: 'timeout' | 'connectionLost';
  readonly error: StepError;
}

export type Outcome<T> = Done<T> | Refused | Transient | Unknown;
