// Listener that runs on one of several hosts: on the one that holds its lease. The others retry, and one of them
// starts it when the lease is released or has expired.
//
// singleton-listener.N1  A host that has lost its lease ends its listener; what runs by then may overlap with the next
//   host's, as on the platform.
// singleton-listener.N2  A lease is renewed at half its period. Where that fails the lease counts for as long as it was
//   taken.
import type { Alarm, Clock } from '../kit/clock';
import type { HostLogger } from '../kit/log';
import type { SingletonLease } from './singleton-lease';
import type { HostListener } from './trigger-kind';

export interface SingletonListenerParts {
  readonly name: string;
  readonly lease: SingletonLease;
  readonly periodMs: number;
  /** How long a host without the lease waits before it looks again. */
  readonly recoveryMs: number;
  readonly clock: Clock;
  readonly log: HostLogger;
  /** A new listener, each time the lease is taken; `isOurs` renews the lease and says whether it is still had. */
  begin(isOurs: () => Promise<boolean>): HostListener;
}

const CATEGORY = 'Host.Singleton';

export class SingletonListener implements HostListener {
  private running: HostListener | undefined;
  private heldUntilMs = -Infinity;
  private alarm: Alarm | undefined;
  private looking: Promise<void> = Promise.resolve();
  /** The listener has been closed because the lease was lost: it is started anew, also when the lease is acquired again. */
  private wasLost = false;
  private isClosed = false;

  constructor(private readonly parts: SingletonListenerParts) {}

  start(): Promise<void> {
    this.looking = this.look();
    return this.looking;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.alarm?.cancel();
    await this.looking;
    if (this.running === undefined) return;
    await this.running.close();
    await this.parts.lease.release().catch((error: unknown) => this.warn('could not be released', error));
  }

  private async look(): Promise<void> {
    const isOurs = await this.hold();
    if (this.isClosed) return;
    if (!isOurs || this.wasLost) await this.end();
    if (isOurs && this.running === undefined) await this.begin();
    this.lookLater(isOurs);
  }

  private begin(): Promise<void> {
    const { name, log } = this.parts;
    log.write('information', CATEGORY, `This host runs ${name} from now on.`);
    this.wasLost = false;
    this.running = this.parts.begin(async () => {
      const isOurs = await this.hold();
      this.wasLost ||= !isOurs;
      return isOurs;
    });
    return this.running.start();
  }

  private async end(): Promise<void> {
    const { name, log } = this.parts;
    if (this.running === undefined) return;
    log.write('warning', CATEGORY, `This host has lost the lease of ${name}: another one runs it.`);
    const lost = this.running;
    this.running = undefined;
    await lost.close();
  }

  private lookLater(isOurs: boolean): void {
    const { clock, periodMs, recoveryMs } = this.parts;
    if (this.isClosed) return;
    this.alarm = clock.alarm(clock.now() + (isOurs ? periodMs / 2 : recoveryMs), () => {
      this.looking = this.look();
    });
  }

  /** singleton-listener.N2. */
  private async hold(): Promise<boolean> {
    const { lease, clock, periodMs } = this.parts;
    const untilMs = clock.now() + periodMs;
    try {
      this.heldUntilMs = (await lease.hold()) ? untilMs : -Infinity;
    } catch (error) {
      this.warn('could not be renewed', error);
    }
    return clock.now() < this.heldUntilMs;
  }

  private warn(what: string, error: unknown): void {
    this.parts.log.write('warning', CATEGORY, `The lease of ${this.parts.name} ${what}.`, error);
  }
}
