// Names of the storage operations of a host on a task hub after which it can be made to end, by a test or by
// kill-at.ts. DurableTask.AzureStorage makes each of these a request of its own, so a process can die between any two.

export type MomentName =
  /** A client's start is in the queue, its instance is not in the table. */
  | 'startSent'
  | 'instanceCreated'
  /** A client's event, terminate, suspend or resume is in the queue. */
  | 'eventSent'
  | 'controlMessagesTaken'
  /** One of the messages of an episode is in its queue, the history is not written; `left` follow it. */
  | 'messageSent'
  /** A part of the history that is not the last. */
  | 'historyPartWritten'
  | 'historyWritten'
  | 'instanceUpdated'
  | 'controlMessageDeleted'
  | 'controlMessageAbandoned'
  | 'activityTaken'
  /** An activity's answer is in the control queue, its work item is still there. */
  | 'answerSent'
  | 'activityDeleted'
  | 'activityReleased'
  | 'messageRenewed'
  | 'partitionChanged'
  | 'purged'
  | 'rewound';

/** Where a host is. */
export interface Moment {
  readonly name: MomentName;
  readonly instanceId: string;
  /** What a message is, or of which activity: `messageSent` and `answerSent` have it. */
  readonly what?: string;
  /** Of `messageSent`: how many messages of the episode are still to be sent. */
  readonly left?: number;
}

/** Is asked after each operation; true ends the host there: nothing more of it reaches the storage. */
export type EndsAt = (moment: Moment) => boolean;
