// Correlation filters of a subscription: whether it takes a message, by equality. Pure.

/** What a filter may look at. */
export interface MessageFacts {
  readonly contentType?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly label?: string | undefined;
  readonly messageId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly replyToSessionId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly to?: string | undefined;
  /** Decoded only when a filter asks for them. */
  applicationProperties(): Readonly<Record<string, unknown>>;
}

export type SystemProperty = Exclude<keyof MessageFacts, 'applicationProperties'>;

/** Every named property must be equal; one that names nothing takes every message. */
export interface CorrelationFilter {
  readonly system: Readonly<Partial<Record<SystemProperty, string>>>;
  readonly application: Readonly<Record<string, string | number | boolean>>;
}

/** Whether `filter` takes the message: text is compared with case, as the service does. */
export function matches({ system, application }: CorrelationFilter, message: MessageFacts): boolean {
  for (const name in system) {
    const property = name as SystemProperty;
    if (message[property] !== system[property]) return false;
  }
  const names = Object.keys(application);
  if (names.length === 0) return true;
  const properties = message.applicationProperties();
  return names.every((name) => Object.hasOwn(properties, name) && properties[name] === application[name]);
}

/** Whether one of the rules takes the message; a subscription without rules takes everything. */
export const taken = (rules: readonly CorrelationFilter[], message: MessageFacts): boolean =>
  rules.length === 0 || rules.some((rule) => matches(rule, message));
