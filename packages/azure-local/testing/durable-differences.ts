// Table of the permitted differences between the durable engine and the recordings of the real platform, each with its
// reason.

/** What of a recorded scenario is not compared. */
export interface Difference {
  readonly not: readonly ('replays' | 'status')[];
  /** The history is compared without its order. */
  readonly anyOrder?: boolean;
  /** A kind of event that ends the recorded history, but for its last event, and that is not in the history here. */
  readonly without?: string;
  readonly why: string;
}

const NOT_CARRIED_OUT: Difference = {
  not: ['replays'],
  why: 'kinder: what changed code asks for is not carried out, and not in the history (the platform runs it; where only the name differs it cannot show the history: 400)',
};

/** Where the local engine may differ, scenario by scenario, and why. Nothing else may. */
export const PERMITTED: Readonly<Record<string, Difference>> = {
  fanout: { not: ['replays'], anyOrder: true, why: 'how many results share a replay is timing' },
  fanoutFail: { not: ['replays'], anyOrder: true, why: 'in what order parallel activities end is timing' },
  signalOther: { not: ['replays'], why: 'which operations of an entity share a batch is timing' },
  missingActivity: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  subMissing: { not: ['status'], why: 'kinder: on the platform the instance stays Running for ever' },
  nondetName: NOT_CARRIED_OUT,
  nondetActivityHttp: NOT_CARRIED_OUT,
  nondetSubName: NOT_CARRIED_OUT,
  nondetActivitySub: { ...NOT_CARRIED_OUT, without: 'SubOrchestrationInstanceCreated' },
  nondetTimerSub: { ...NOT_CARRIED_OUT, without: 'SubOrchestrationInstanceCreated' },
  nondetTimerActivity: { ...NOT_CARRIED_OUT, without: 'TaskScheduled' },
  nondetSubActivity: { ...NOT_CARRIED_OUT, without: 'TaskScheduled' },
  nondetEntityActivity: { ...NOT_CARRIED_OUT, without: 'TaskScheduled' },
  types_type: { not: ['status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_type: { not: ['replays', 'status'], why: 'Json.NET drops the key $type; here JSON is JSON' },
  typesAct_bignum: { not: ['replays', 'status'], why: 'the gRPC worker protocol overflows 64-bit integers' },
};

/** Further differences, each held by a test of the durable suites. */
export const DIFFERENCES: readonly {
  readonly what: string;
  readonly azure: string;
  readonly here: string;
}[] = [
  {
    what: 'An activity, sub-orchestrator or entity that is not registered',
    azure: 'the instance stays Running for ever',
    here: 'kinder: the instance fails and names it',
  },
  {
    what: 'The text for an orchestrator that is not registered',
    azure: 'lists those that are',
    here: 'says how to register it',
  },
  {
    what: '`retryTimeoutInMilliseconds` that has passed',
    azure: 'the instance stays Running for ever: durable-functions 3.5.0 does not know the option',
    here: 'kinder: the instance fails and names the option',
  },
  {
    what: 'A sub-orchestration under an id that runs already',
    azure: 'the parent waits for ever',
    here: 'kinder: the call fails and names the id',
  },
  {
    what: 'Rewind of an instance that failed in a call with retry options',
    azure: 'the instance fails again, as not deterministic',
    here: 'kinder: refused with 501',
  },
  {
    what: 'Purge by a status that does not exist, or that is no end such as Running',
    azure: 'deletes every finished instance',
    here: 'kinder: refused with 400, or 404 because nothing matches; nothing is deleted',
  },
  {
    what: 'Events that were raised before `continueAsNew` and not waited for',
    azure: 'lost',
    here: 'kept for the next execution',
  },
  {
    what: 'An operation of an entity whose function throws outside of the SDK',
    azure: 'the batch is tried again without end',
    here: 'kinder: every operation of the batch fails; the state stays',
  },
  {
    what: 'A 202 without `Location` to durable HTTP',
    azure: 'the host sets a timer that the SDK does not count, and later results reach the wrong tasks',
    here: 'kinder: the 202 is the answer',
  },
  {
    what: 'Timers, and activities in flight when the process dies',
    azure: 'up to a second early; run again only after the queue visibility of five minutes',
    here: 'on time; run again at once',
  },
  {
    what: 'Stacks and types of .NET in failure details and refusals, and what Json.NET says of a body that is no JSON',
    azure: 'present',
    here: 'left out, because there is no .NET here; the message says what is wrong',
  },
];
