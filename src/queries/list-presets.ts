// What the presets of the operators' list of orders select. Pure.
import { isEnding, ORDER_STATUSES } from '../domain/order-status';
import { toIso } from '../ports/clock';
import type { OrderChoice } from '../ports/order-search';

export const PRESETS = ['inFlight', 'needsPerson', 'stuck'] as const;
export type Preset = (typeof PRESETS)[number];

/** An order that does something writes an event far more often: retries end after a minute or so. */
const STUCK_AFTER_MS = 10 * 60_000;

const IN_FLIGHT = ORDER_STATUSES.filter((status) => !isEnding(status));

/** The filter of a preset, at the time `nowMs`. */
export function shown(preset: Preset, nowMs: number): OrderChoice {
  switch (preset) {
    case 'inFlight':
      return { statuses: IN_FLIGHT };
    case 'needsPerson':
      return { needsIntervention: true };
    case 'stuck':
      return {
        // Who waits for an approver waits for a person.
        statuses: IN_FLIGHT.filter((status) => status !== 'awaitingApproval'),
        changedBeforeIso: toIso(nowMs - STUCK_AFTER_MS),
      };
  }
}
