// Scenarios of the crash matrix: how each order is placed, what goes wrong with it by plan, who cancels it and when,
// who approves it, and what of it comes back. They know no running system and no crash.

import type { SagaMode } from './modes';
import type { OrderPost } from './system';

/** A fault that belongs to the scenario; without `times` it strikes every call. */
export interface ScenarioFault {
  readonly service: string;
  readonly operation: string;
  readonly fault: 'error' | 'down' | 'refuse' | 'slow' | 'hang';
  readonly times?: number;
  readonly delayMs?: number;
}

/** When the customer cancels: as soon as the order is taken, or at a call that is under way or has failed. */
export type CancelMoment =
  | { readonly when: 'taken' }
  | { readonly when: 'underWay' | 'failed'; readonly service: string; readonly operation: string };

/** What comes back of an order that is completed, and what is found in the parcel. */
export interface PlannedReturn {
  readonly quantity: number;
  readonly accepted: number;
  readonly damaged: number;
  /** The customer takes it back when the parcel is there and not inspected. */
  readonly isCancelled?: true;
}

export interface Scenario {
  readonly name: string;
  /** Customers and products whose names begin so are refused by the simulated services. */
  readonly customerPrefix: string;
  readonly productId: string;
  readonly way: 'http' | 'queue';
  /** Nothing in it needs a carrier; over HTTP only. */
  readonly isDigital?: boolean;
  /** How it is paid, and with which coupon; over HTTP only. */
  readonly pays?: OrderPost['pays'];
  /** How long after its placing the order may begin. */
  readonly waitsMs: number | null;
  readonly faults: readonly ScenarioFault[];
  readonly cancel: CancelMoment | null;
  /** How many pieces are bought, where it is not the usual number; over HTTP only. */
  readonly quantity?: number;
  /** Above the limit: what the approver says of it. `nobody` lets the time run out. */
  readonly approval?: 'approve' | 'reject' | 'nobody';
  readonly returns?: PlannedReturn;
  /** The event with whose write its own points begin: until then it does what `completes` does. */
  readonly pointsFrom?: 'ApprovalRequested' | 'ReturnRequested';
  /** Played on a system that waits for approvals briefly; the test suite leaves that out, and its sample with it. */
  readonly shortOfPatience?: true;
  /** Played on a system whose sagas have little working time. */
  readonly shortOfTime: boolean;
  /** Without a crash: how it ends, and what it does outside. */
  readonly status: string;
  readonly effects: readonly string[];
}

/** Whether something of an order comes back if it is completed. */
export const isReturned = ({ returns }: Scenario): boolean => returns !== undefined;

/** Time enough for a cancel to be stored while a call is under way, on a machine with other work; a step waits for 10 s. */
const SLOW_MS = 6_000;
const HOUR_MS = 3_600_000;

const RESERVE = { service: 'inventory', operation: 'reserve' } as const;
const CHARGE = { service: 'payments', operation: 'charge' } as const;
const SHIP = { service: 'shipping', operation: 'ship' } as const;
const CONFIRM = { service: 'inventory', operation: 'confirm' } as const;
const RELEASE = { service: 'inventory', operation: 'release' } as const;
const STEPS = [RESERVE, CHARGE, SHIP, CONFIRM];

const ALL = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];
const USUAL = {
  customerPrefix: '',
  productId: 'crash-lamp',
  way: 'http',
  waitsMs: null,
  faults: [],
  cancel: null,
  shortOfTime: false,
  status: 'completed',
  effects: ALL,
} as const;

const scenario = (name: string, more: Partial<Scenario> = {}): Scenario => ({ name, ...USUAL, ...more });

const REFUSED = [
  scenario('the warehouse refuses', { productId: 'oos-lamp', status: 'failed', effects: [] }),
  scenario('the card is declined', {
    ...{ customerPrefix: 'declined-', status: 'failed' },
    effects: ['stockReserved', 'stockReleased'],
  }),
  scenario('the carrier refuses', {
    ...{ customerPrefix: 'noship-', status: 'failed' },
    effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
  }),
  scenario('the confirmation is refused', {
    faults: [{ ...CONFIRM, fault: 'refuse' }],
    ...{ status: 'shipped', effects: ['stockReserved', 'charged', 'shipmentCreated'] },
  }),
  scenario('the refund is refused', {
    ...{ customerPrefix: 'norefund-', status: 'failed' },
    effects: ['stockReserved', 'charged', 'stockReleased'],
  }),
  scenario('the release is refused', {
    ...{ customerPrefix: 'noship-', faults: [{ ...RELEASE, fault: 'refuse' }], status: 'failed' },
    effects: ['stockReserved', 'charged', 'refunded'],
  }),
];

const pays = (token: string) => ({
  couponCode: 'SAVE10',
  payments: [
    { method: 'giftCard', amount: 1 },
    { method: 'card', token },
  ],
});
const IN_PARTS = [
  scenario('pays in two parts with a coupon', {
    pays: pays('card-1'),
    effects: ['stockReserved', 'couponRedeemed', 'charged', 'charged', 'shipmentCreated', 'stockConfirmed'],
  }),
  scenario('has the second part of its payment declined', {
    ...{ pays: pays('declined-1'), status: 'failed' },
    effects: [
      ...['stockReserved', 'couponRedeemed', 'charged', 'refunded', 'couponCancelled', 'stockReleased'],
    ],
  }),
];

const UNDONE = [
  ['stockReserved', 'stockReleased'],
  ['stockReserved', 'charged', 'refunded', 'stockReleased'],
  ['stockReserved', 'charged', 'shipmentCreated', 'shipmentCancelled', 'refunded', 'stockReleased'],
];

/** The confirmation is what decides: there is no parcel. */
const DIGITAL = [
  scenario('is digital', { isDigital: true, effects: ['stockReserved', 'charged', 'stockConfirmed'] }),
  scenario('is digital and its confirmation is refused', {
    ...{ isDigital: true, faults: [{ ...CONFIRM, fault: 'refuse' }], status: 'failed' },
    effects: ['stockReserved', 'charged', 'refunded', 'stockReleased'],
  }),
  scenario('is digital and cancelled during charge', {
    ...{ isDigital: true, status: 'cancelled', effects: UNDONE[1] ?? [] },
    faults: [{ ...CHARGE, fault: 'slow', delayMs: SLOW_MS }],
    cancel: { when: 'underWay', ...CHARGE },
  }),
];

/** An order above the limit waits for a person behind its payment. */
const approval = (name: string, answer: Scenario['approval'], more: Partial<Scenario> = {}): Scenario =>
  scenario(name, { ...(answer && { approval: answer }), pointsFrom: 'ApprovalRequested', ...more });

const REJECTED = { status: 'cancelled', effects: UNDONE[1] ?? [] };
const APPROVALS = [
  approval('is approved', 'approve'),
  approval('is rejected', 'reject', REJECTED),
  approval('waits in vain for its approval', 'nobody', { shortOfPatience: true, ...REJECTED }),
];

/** An order that is completed and comes back. */
const returned = (name: string, returns: PlannedReturn, more: Partial<Scenario> = {}): Scenario =>
  scenario(name, { returns, pointsFrom: 'ReturnRequested', ...more });

const GIVEN_BACK = [...ALL, 'refunded', 'restocked'];
const RETURNS = [
  returned('is returned', { quantity: 2, accepted: 2, damaged: 0 }, { effects: GIVEN_BACK }),
  returned(
    'is returned in part and partly damaged',
    { quantity: 2, accepted: 2, damaged: 1 },
    { quantity: 3, effects: GIVEN_BACK },
  ),
  returned('has a return that is cancelled', { quantity: 2, accepted: 2, damaged: 0, isCancelled: true }),
];

const TRANSIENT = STEPS.map((step) =>
  scenario(`${step.operation} fails twice`, { faults: [{ ...step, fault: 'error', times: 2 }] }),
);

/** A cancel during the last step comes too late: the order is shipped. */
const CANCELLED = STEPS.map((step, index) =>
  scenario(`cancelled during ${step.operation}`, {
    faults: [{ ...step, fault: 'slow', delayMs: SLOW_MS }],
    cancel: { when: 'underWay', ...step },
    ...(UNDONE[index] === undefined ? {} : { status: 'cancelled', effects: UNDONE[index] }),
  }),
);

export const SCENARIOS: readonly Scenario[] = [
  scenario('completes'),
  scenario('comes over the queue', { way: 'queue' }),
  scenario('waits for its time', { waitsMs: 3_000 }),
  ...REFUSED,
  ...IN_PARTS,
  ...DIGITAL,
  ...APPROVALS,
  ...RETURNS,
  ...TRANSIENT,
  ...CANCELLED,
  scenario('cancelled in a backoff', {
    faults: [{ ...CHARGE, fault: 'down' }],
    cancel: { when: 'failed', ...CHARGE },
    ...{ status: 'cancelled', effects: ['stockReserved', 'stockReleased'] },
  }),
  scenario('cancelled while it waits for its time', {
    ...{ waitsMs: HOUR_MS, cancel: { when: 'taken' }, status: 'cancelled', effects: [] },
  }),
  scenario('runs out of time', {
    ...{ shortOfTime: true, faults: [{ ...CHARGE, fault: 'hang' }], status: 'failed' },
    effects: ['stockReserved', 'stockReleased'],
  }),
];

/** Returns are orchestrations in both modes. */
export const isPlayedIn = (mode: SagaMode, one: Scenario): boolean =>
  mode === 'orchestration' || !isReturned(one);

/** The scenarios by the system that they are played on: one that is usual, one that is short of time, one of patience. */
export const ON_ONE_SYSTEM: readonly ((scenario: Scenario) => boolean)[] = [
  ({ shortOfTime, shortOfPatience }) => !shortOfTime && shortOfPatience === undefined,
  ({ shortOfTime }) => shortOfTime,
  ({ shortOfPatience }) => shortOfPatience === true,
];
