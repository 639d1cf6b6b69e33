// Where the durable engine may differ from the recordings of the real platform, and why. Nothing else may.

/** What of a recorded scenario is not compared. */
export interface Difference {
  readonly not: readonly ('replays' | 'status')[];
  /** The history is compared without its order. */
  readonly anyOrder?: boolean;
  readonly why: string;
}

/** Where the local engine may differ, scenario by scenario, and why. Nothing else may. */
export const PERMITTED: Readonly<Record<string, Difference>> = {
  fanout: { not: ['replays'], anyOrder: true, why: 'how many results share a replay is timing' },
  fanoutFail: { not: ['replays'], anyOrder: true, why: 'in what order parallel activities end is timing' },
  missingActivity: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  subMissing: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  throwsString: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  throwsObj: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  nondetName: {
    not: ['replays', 'status'],
    why: 'kinder: the platform still runs the wrong activity, and then cannot show the history (400)',
  },
  types_type: { not: ['status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_type: { not: ['replays', 'status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_bignum: { not: ['replays', 'status'], why: 'the gRPC worker protocol overflows 64-bit integers' },
};
