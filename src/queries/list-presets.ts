// What the presets of the operators' list of orders select. Pure.
import { isEnding, ORDER_STATUSES } from '../domain/order-status';
import type { OrderChoice } from '../ports/order-search';

export const PRESETS = ['inFlight', 'needsPerson', 'stuck'] as const;
export type Preset = (typeof PRESETS)[number];

const IN_FLIGHT = ORDER_STATUSES.filter((status) => !isEnding(status));

/** Of the presets that are the same at any time. */
export const CHOICES: Readonly<Record<Exclude<Preset, 'stuck'>, OrderChoice>> = {
  inFlight: { statuses: IN_FLIGHT },
  needsPerson: { needsIntervention: true },
};

/** The filter of a preset; orders in flight are stuck to which nothing has happened since `quietSince` (UTC). */
export function shown(preset: Preset, quietSince: string): OrderChoice {
  if (preset !== 'stuck') return CHOICES[preset];
  // Who waits for an approver waits for a person.
  const statuses = IN_FLIGHT.filter((status) => status !== 'awaitingApproval');
  return { statuses, changedBeforeIso: quietSince };
}
