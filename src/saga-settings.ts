// Settings of sagas: who has to approve an order, how often and how long calls are made, what returns may take. Part of the table of config.ts.
import { z } from 'zod';
import { minorDigits, toMinor } from './domain/money';
import { FORWARD, orderSteps, RETRY } from './saga/order/order-saga';
import { choice, quantity, setting, wholeNumber } from './setting-kinds';
import { numberText, validate } from './validation';

/** What an entry of a list makes of its value, or what is wrong with it. */
type Read = (name: string, value: number) => number | { readonly problem: string };

/** `name=number,name=number`, each name once; every wrong entry is told. */
const numbersByName = (form: string, bounds: { readonly max: number }, read: Read) =>
  z
    .string()
    .transform((text, context) => {
      const numbers: Record<string, number> = {};
      const refuse = (entry: string, why: string): void =>
        context.addIssue({ code: 'custom', message: `must be a list such as ${form}: ${entry} ${why}` });
      for (const entry of text.split(',').map((part) => part.trim())) {
        const [name = '', value, ...more] = entry.split('=').map((part) => part.trim());
        const number = validate(numberText({ above: 0, fractions: true, ...bounds }), value);
        if (value === undefined || more.length > 0) refuse(`"${entry}"`, 'is not of the form name=number');
        else if (Object.hasOwn(numbers, name)) refuse(name, 'is named twice');
        else if (number.kind === 'invalid')
          refuse(name, number.errors.map(({ message }) => message).join('; '));
        else {
          const result = read(name, number.value);
          if (typeof result === 'number') numbers[name] = result;
          else refuse(name, result.problem);
        }
      }
      return numbers;
    })
    .default({});

const MAX_LIMIT = 10_000_000_000;

/** By currency, in minor units. */
const limits = numbersByName('USD=1000,EUR=900', { max: MAX_LIMIT }, (currency, amount) => {
  const digits = minorDigits(currency);
  if (digits === undefined) return { problem: 'is not the code of a currency in capitals (ISO 4217)' };
  return toMinor(amount, digits) ?? { problem: `has at most ${digits} decimals` };
});

const MAX_STEP_SECONDS = 240;
const STEPS = orderSteps.map(({ invoke, timeoutMs }) => ({ name: invoke.name, seconds: timeoutMs / 1_000 }));

/** By step, in milliseconds. */
const timeouts = numbersByName('ProcessPayment=30', { max: MAX_STEP_SECONDS }, (step, seconds) =>
  STEPS.some(({ name }) => name === step)
    ? seconds * 1_000
    : { problem: `is not a step: there are ${STEPS.map(({ name }) => name).join(', ')}` },
);

export const SAGA_SETTINGS = {
  approvalLimits: setting(
    'OrderProcessing:ApprovalLimit',
    limits,
    '',
    'Above which total an order has to be approved by a person, by currency: `USD=1000,EUR=900`; empty, and for other currencies, never',
  ),
  approvalTimeoutMinutes: setting(
    'OrderProcessing:ApprovalTimeoutMinutes',
    quantity(1_440, 8_640),
    '1440',
    'How long an order waits for its approval, in minutes',
  ),
  approvalTimeoutPolicy: setting(
    'OrderProcessing:ApprovalTimeoutPolicy',
    choice(['reject', 'approve'], 'reject'),
    'reject',
    'What happens to an order that nobody has approved or rejected in time',
  ),
  retryMaxAttempts: setting(
    'OrderProcessing:RetryMaxAttempts',
    wholeNumber(RETRY.maxAttempts, 1, 100),
    String(RETRY.maxAttempts),
    'Calls of one step before it is given up, up to the shipment; an outage uses up none',
  ),
  retryForwardMaxAttempts: setting(
    'OrderProcessing:RetryForwardMaxAttempts',
    wholeNumber(FORWARD.maxAttempts, 1, 1_000),
    String(FORWARD.maxAttempts),
    'Calls of one step after the shipment, where nothing is undone any more, before an operator is asked',
  ),
  retryFirstDelaySeconds: setting(
    'OrderProcessing:RetryFirstDelaySeconds',
    quantity(RETRY.firstDelayMs / 1_000, 3_600),
    String(RETRY.firstDelayMs / 1_000),
    'Pause before the second call of a step',
  ),
  retryFactor: setting(
    'OrderProcessing:RetryFactor',
    numberText({ min: 1, max: 10, fractions: true }).default(RETRY.factor),
    String(RETRY.factor),
    'By how much each pause is longer than the one before it',
  ),
  retryMaxDelaySeconds: setting(
    'OrderProcessing:RetryMaxDelaySeconds',
    quantity(RETRY.maxDelayMs / 1_000, 3_600),
    String(RETRY.maxDelayMs / 1_000),
    'The longest pause between two calls of a step',
  ),
  stepTimeouts: setting(
    'OrderProcessing:StepTimeoutSeconds',
    timeouts,
    STEPS.map(({ name, seconds }) => `${name}=${seconds}`).join(','),
    'How long one call of a step may take; steps that are left out keep their default. Sagas that run keep what they began with',
  ),
  returnWindowDays: setting(
    'OrderProcessing:ReturnWindowDays',
    quantity(30, 3_650),
    '30',
    'For how many days after its completion items of an order can be returned',
  ),
  returnParcelDays: setting(
    'OrderProcessing:ReturnParcelDays',
    quantity(14, 365),
    '14',
    'How long the parcel of a return is waited for before the return is rejected, in days; fractions are allowed',
  ),
} as const;
