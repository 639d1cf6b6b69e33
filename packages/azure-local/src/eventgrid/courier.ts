// Delivery of the events of one subscription to its endpoint: handshake, attempts side by side, retries, dead letters.
//
// courier.C1  What is to be delivered is read from the store and only once it is on disk; nothing else remembers it.
// courier.C2  A delivery leaves the store when the endpoint has taken it, or in the write that keeps its dead letter. A
//   crash in between delivers it again: at least once.
// courier.C3  An attempt counts when it has ended; one that a crash or `close` cuts off does not.
// courier.C4  No event goes to an endpoint that has not passed the handshake; until then events wait.
import type { Alarm, Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import type { Journal } from '../storage/journal';
import { toDeadLetter } from './dead-letter';
import type { DeliveryRing } from './delivery-ring';
import type { Address, Delivery, DeliveryStore } from './delivery-store';
import { asCloudEvent } from './event-schemas';
import { compileFilter, type EventFilter } from './filters';
import { ORIGIN, shakeHands } from './handshake';
import { expiryMs, judge, toAttempt, type Attempt } from './retry-policy';
import type { SchemaName, Subscription, Topic } from './topics';
import type { WebhookClient } from './webhook';

export interface CourierServices {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly store: DeliveryStore;
  readonly ring: DeliveryRing;
  readonly webhook: WebhookClient;
}

/** Attempts at a time; the service bounds them too, by what an endpoint is seen to bear. */
const SIDE_BY_SIDE = 16;
/** An endpoint of the definition file that is not up yet is asked again after this. */
const HANDSHAKE_AGAIN_MS = 500;

export class Courier {
  readonly wants: EventFilter;
  readonly address: Address;
  private readonly inputSchema: SchemaName;
  private readonly url: URL;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly underWay = new Map<number, Promise<void>>();
  private alarm: Alarm | undefined;
  /** The next one, after one that failed: events that come meanwhile do not bring it forward. */
  private handshake: Alarm | undefined;
  private reading: Promise<void> | undefined;
  private isToReadAgain = false;
  private isClosed = false;
  private isRefusalSaid = false;

  /** `isValidated`: the endpoint has passed the handshake already. */
  constructor(
    { name, inputSchema }: Topic,
    readonly subscription: Subscription,
    private readonly services: CourierServices,
    private isValidated: boolean,
  ) {
    this.wants = compileFilter(subscription);
    this.address = { topic: name, subscription: subscription.name };
    this.inputSchema = inputSchema;
    this.url = new URL(subscription.endpointUrl);
    this.headers = headersFor(subscription);
  }

  /** To be called when something new is on disk, and at the start. Looks once per turn however often it is called. */
  wake(): void {
    if (this.isClosed) return;
    if (this.reading !== undefined) {
      this.isToReadAgain = true;
      return;
    }
    this.reading = this.dispatch()
      .catch((error: unknown) => this.services.log.error(`Event Grid: ${this.label()} cannot go on`, error))
      .finally(() => {
        this.reading = undefined;
        if (!this.isToReadAgain) return;
        this.isToReadAgain = false;
        this.wake();
      });
  }

  /** Begins nothing more and resolves when what is under way has ended. Idempotent. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.alarm?.cancel();
    this.handshake?.cancel();
    await this.reading;
    await Promise.all(this.underWay.values());
  }

  private async dispatch(): Promise<void> {
    if (!this.isValidated && (this.handshake !== undefined || !(await this.validate()))) return;
    const { journal, clock, store } = this.services;
    const room = SIDE_BY_SIDE - this.underWay.size;
    if (room <= 0) return;
    const nowMs = clock.now();
    const due = await journal.read(() => store.due(this.address, nowMs, SIDE_BY_SIDE * 2));
    if (this.closed()) return;
    for (const delivery of due.filter(({ id }) => !this.underWay.has(id)).slice(0, room))
      this.begin(delivery);
    this.arm(nowMs);
  }

  private begin(delivery: Delivery): void {
    const attempt = this.deliver(delivery)
      .catch((error: unknown) =>
        this.services.log.error(
          `Event Grid: ${this.label()} could not store the outcome of a delivery attempt`,
          error,
        ),
      )
      .finally(() => {
        this.underWay.delete(delivery.id);
        this.wake();
      });
    this.underWay.set(delivery.id, attempt);
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { clock } = this.services;
    if (clock.now() >= expiryMs(delivery.publishedMs, this.subscription)) {
      await this.giveUp(delivery, 'TimeToLiveExceeded');
      return;
    }
    const attempt = await this.attempt(delivery);
    if (attempt !== undefined) await this.settle(delivery, attempt);
  }

  /** Undefined when `close` cut it off (courier.C3). */
  private async attempt({ attempts, dataVersion, event }: Delivery): Promise<Attempt | undefined> {
    const headers = { ...this.headers, 'aeg-delivery-count': String(attempts) };
    const isCloud = this.subscription.eventDeliverySchema === 'CloudEventSchemaV1_0';
    const answer = await this.services.webhook.send(this.url, {
      method: 'POST',
      headers: isCloud ? headers : { ...headers, 'aeg-data-version': dataVersion },
      body: isCloud ? this.cloudBody(event) : `[${event}]`,
    });
    if (answer.kind === 'answered') return toAttempt(answer.status);
    if (this.isClosed) return undefined;
    return { status: undefined, outcome: answer.kind === 'timedOut' ? 'TimedOut' : 'Failed' };
  }

  private cloudBody(event: string): string {
    if (this.inputSchema === 'CloudEventSchemaV1_0') return event;
    return JSON.stringify(asCloudEvent(JSON.parse(event) as Record<string, unknown>));
  }

  private async settle(delivery: Delivery, attempt: Attempt): Promise<void> {
    const { journal, clock, store, ring } = this.services;
    const nowMs = clock.now();
    const attempts = delivery.attempts + 1;
    const status = attempt.status ?? null;
    const { outcome } = attempt;
    ring.add({ atMs: nowMs, ...this.address, eventId: delivery.eventId, attempt: attempts, status, outcome });
    const { publishedMs } = delivery;
    const decision = judge(attempt, attempts, { nowMs, publishedMs }, this.subscription);
    const last = { atMs: nowMs, status, outcome };
    switch (decision.kind) {
      case 'delivered':
        await journal.write(() => store.remove(delivery.id));
        return;
      case 'retry':
        await journal.write(() => store.postpone(delivery.id, attempts, decision.dueMs, last));
        return;
      case 'givenUp': {
        const ended = {
          ...delivery,
          attempts,
          lastAttemptMs: nowMs,
          lastStatus: status,
          lastOutcome: outcome,
        };
        await this.giveUp(ended, decision.reason);
      }
    }
  }

  private async giveUp(delivery: Delivery, reason: string): Promise<void> {
    const { journal, store, log } = this.services;
    const { deadLetter } = this.subscription;
    await journal.write(() => {
      if (deadLetter) store.addDeadLetter(this.address, toDeadLetter(delivery, this.inputSchema, reason));
      store.remove(delivery.id);
    });
    log.warn(
      `Event Grid: ${this.label()} gave up event ${delivery.eventId} after ${delivery.attempts} attempt(s): ${reason}. ` +
        (deadLetter
          ? 'It is in GET /control/deadletters.'
          : 'It is dropped: the subscription has no deadLetter.'),
    );
  }

  private async validate(): Promise<boolean> {
    const { clock, webhook, log } = this.services;
    const problem = await shakeHands(webhook, this.address.topic, this.subscription, clock.now());
    this.isValidated = problem === undefined;
    if (problem === undefined || this.closed()) return this.isValidated;
    if (!this.isRefusalSaid)
      log.info(
        `Event Grid: ${this.label()} waits: ${problem} It is asked again and again; its events are kept.`,
      );
    this.isRefusalSaid = true;
    this.handshake = clock.alarm(clock.now() + HANDSHAKE_AGAIN_MS, () => {
      this.handshake = undefined;
      this.wake();
    });
    return false;
  }

  /** What was due at `sinceMs` and had no room is looked for when an attempt ends; what is due later has an alarm. */
  private arm(sinceMs: number): void {
    const { clock, store } = this.services;
    this.alarm?.cancel();
    const dueMs = store.nextDueMs(this.address, sinceMs);
    this.alarm = dueMs === undefined ? undefined : clock.alarm(dueMs, () => this.wake());
  }

  private label(): string {
    return `subscription ${this.address.subscription} to topic ${this.address.topic}`;
  }

  /** Asked after a wait, in which it may have changed. */
  private closed(): boolean {
    return this.isClosed;
  }
}

function headersFor({ name, eventDeliverySchema }: Subscription): Record<string, string> {
  const isCloud = eventDeliverySchema === 'CloudEventSchemaV1_0';
  return {
    'content-type': isCloud
      ? 'application/cloudevents+json; charset=utf-8'
      : 'application/json; charset=utf-8',
    'aeg-event-type': 'Notification',
    'aeg-subscription-name': name.toUpperCase(),
    ...(isCloud ? { 'webhook-request-origin': ORIGIN } : { 'aeg-metadata-version': '1' }),
  };
}
