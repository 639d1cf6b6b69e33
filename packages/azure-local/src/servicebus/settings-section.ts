// Reader of one object of the configuration file, property by property; errors name the path. A property that was not
// read when `end` is called is refused, so that no setting is silently without effect.
import { parseDuration } from './iso-duration';

export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly otherwise: number;
}

export class Section {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly asked = new Set<string>();

  constructor(
    value: unknown,
    readonly path: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${path === '' ? 'The configuration' : path} is not an object.`);
    this.values = value as Record<string, unknown>;
  }

  section(name: string): Section {
    return new Section(this.take(name) ?? {}, this.pathOf(name));
  }

  list(name: string): Section[] {
    const value = this.take(name) ?? [];
    if (!Array.isArray(value)) throw new Error(`${this.pathOf(name)} is not an array.`);
    return value.map((item, index) => new Section(item, `${this.pathOf(name)}[${index}]`));
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value !== 'string' || value === '')
      throw new Error(`${this.pathOf(name)} is missing or not a text.`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.take(name) ?? false;
    if (typeof value !== 'boolean') throw new Error(`${this.pathOf(name)} is neither true nor false.`);
    return value;
  }

  integer(name: string, { least, most, otherwise }: Bounds): number {
    const value = this.take(name) ?? otherwise;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw new Error(`${this.pathOf(name)} is not a whole number from ${least} to ${most}.`);
    return value;
  }

  durationMs(name: string, { least, most, otherwise }: Bounds): number {
    const value = this.take(name);
    if (value === undefined) return otherwise;
    const durationMs = typeof value === 'string' ? parseDuration(value) : undefined;
    if (durationMs === undefined)
      throw new Error(`${this.pathOf(name)} is not a duration such as "PT1M" (ISO 8601, days to seconds).`);
    if (durationMs < least || durationMs > most)
      throw new Error(
        `${this.pathOf(name)} is outside what the service allows, ${least / 1000} s to ${most / 1000} s.`,
      );
    return durationMs;
  }

  /** The values of an object whose names are free, each a text, a number or a flag. */
  scalars(name: string): Readonly<Record<string, string | number | boolean>> {
    const { values, path } = this.section(name);
    for (const [key, value] of Object.entries(values))
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw new Error(`${path}.${key} is neither a text nor a number nor a flag.`);
    return values as Record<string, string | number | boolean>;
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  ignore(name: string): void {
    this.asked.add(name);
  }

  refuseText(name: string): void {
    const value = this.take(name) ?? '';
    if (value !== '') throw this.refusal(name, 'Leave it empty.');
  }

  refuseTrue(name: string): void {
    if (this.flag(name)) throw this.refusal(name, 'Set it to false.');
  }

  /** The error for a setting that the service has and the look-alike does not. */
  refusal(name: string, instead: string): Error {
    return new Error(`${this.pathOf(name)} is not simulated by the local Service Bus look-alike. ${instead}`);
  }

  /** Refuses properties that were not read. */
  end(): void {
    const left = Object.keys(this.values).find((name) => !this.asked.has(name));
    if (left !== undefined) throw this.refusal(left, 'Remove it.');
  }

  private take(name: string): unknown {
    this.asked.add(name);
    return this.values[name] ?? undefined;
  }

  private pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }
}
