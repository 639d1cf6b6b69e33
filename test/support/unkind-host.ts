// Life of a host in a test: counts the moments it comes to, in the storage of the task hub and around every call of a
// port, and ends it at one of them. A host that has ended makes no call and gets no answer.
import type { Moment } from 'azure-local/durable/azure/moments';

/** One host's life. `endsAt` counts from 1; undefined lives on. */
export class Life {
  readonly moments: string[] = [];
  /** Resolves when the host has ended. */
  readonly end: Promise<void>;
  private over = false;
  private onEnd: () => void = () => undefined;
  private tellEnd: () => void = () => undefined;

  constructor(private readonly endsAt?: number) {
    this.end = new Promise((resolve) => (this.tellEnd = resolve));
  }

  /** To be called when the engine is there. */
  endsWith(crash: () => void): void {
    this.onEnd = crash;
  }

  isOver(): boolean {
    return this.over;
  }

  /** Whether the host ends here, or has before. */
  comesTo(moment: string): boolean {
    if (this.over) return true;
    this.moments.push(moment);
    if (this.moments.length !== this.endsAt) return false;
    this.over = true;
    this.onEnd();
    this.tellEnd();
    return true;
  }

  /** For the engine: every operation of storage is a moment. */
  endsHere = ({ name, what = '', left }: Moment): boolean =>
    this.comesTo(`${name} ${what}${left === undefined ? '' : ` (${left} left)`}`.trim());

  /** Makes every asynchronous call of these ports two moments: before and after. */
  guard = <Ports extends object>(ports: Ports): Ports => this.guarded(ports, '');

  private guarded<T extends object>(target: T, path: string): T {
    return new Proxy(target, {
      get: (of, property, receiver) => {
        const value: unknown = Reflect.get(of, property, receiver);
        const name = `${path}${String(property)}`;
        if (typeof value === 'function') return this.wrapped(value as Call, of, name);
        const isPort = typeof value === 'object' && value !== null && !Array.isArray(value);
        return isPort ? this.guarded(value, `${name}.`) : value;
      },
    });
  }

  private wrapped(call: Call, of: object, name: string): Call {
    return (...args) => {
      if (SYNCHRONOUS.test(name)) return call.apply(of, args);
      if (this.comesTo(`before ${name}`)) return never();
      const answer = call.apply(of, args);
      return answer instanceof Promise ? this.afterwards(answer, name) : answer;
    };
  }

  private async afterwards(answer: Promise<unknown>, name: string): Promise<unknown> {
    try {
      const value = await answer;
      if (this.comesTo(`after ${name}`)) return await never();
      return value;
    } catch (error) {
      if (this.isOver()) return never();
      throw error;
    }
  }
}

type Call = (...args: unknown[]) => unknown;

/** Ports that are not asked over a network. */
const SYNCHRONOUS = /^(clock|log|inventoryView|sagas)\./;

const never = (): Promise<never> => new Promise<never>(() => undefined);
