// Generators of the tables of README.md and docs/ that repeat what the code says. pages.ts decides which page gets
// which; Prettier aligns the columns afterwards.
import { SCENARIOS, type Expected } from '../../local/demo/scenarios';
import { startUsage } from 'azure-local/supervisor/start-flags';
import { SETTINGS } from '../../src/config';
import { DETAIL_CODES } from '../../src/detail-codes';
import { ERROR_CODES } from '../../src/errors';

/** A Markdown table; a `|` inside a cell is escaped. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * `page` with `content` between its markers for `name`.
 * @throws when the page has no such markers.
 */
export function replaceGenerated(page: string, name: string, content: string): string {
  const [opening, closing] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
  const [from, to] = [page.indexOf(opening), page.indexOf(closing)];
  if (from < 0 || to < from) throw new Error(`the page has no ${opening} … ${closing} to write into`);
  return `${page.slice(0, from + opening.length)}\n\n${content}\n\n${page.slice(to)}`;
}

/** The generated parts of the pages by the names of their markers. */
export function generatedParts(): Readonly<
  Record<'outcomes' | 'demo' | 'settings' | 'errors' | 'details' | 'flags', string>
> {
  return {
    outcomes: outcomeTable(),
    demo: demoTable(),
    settings: markdownTable(
      ['Setting', 'Default', 'Meaning'],
      Object.values(SETTINGS).map(({ name, defaultText, meaning }) => [
        code(name),
        code(defaultText),
        meaning,
      ]),
    ),
    errors: markdownTable(
      ['Code', 'HTTP', 'Meaning', 'What to do'],
      Object.entries(ERROR_CODES).map(([name, { status, meaning, remedy }]) => [
        code(name),
        status === null ? 'on the order' : String(status),
        meaning,
        remedy,
      ]),
    ),
    details: markdownTable(
      ['Code', 'Meaning', 'What to do'],
      Object.entries(DETAIL_CODES).map(([name, { meaning, remedy }]) => [code(name), meaning, remedy]),
    ),
    flags: `\`\`\`text\n${startUsage('npm start --')}\n\`\`\``,
  };
}

/** What each scenario does, for people; its rules and its end come from the scenario itself. */
const STORIES: Readonly<Record<string, string>> = {
  'everything works': 'Stock, payment, shipment and confirmation, one after the other',
  'out of stock': 'A product that the warehouse does not have',
  'card declined': 'The payment service refuses the card; the reservation is released',
  'carrier refuses': 'The carrier refuses: the payment is refunded, then the stock released',
  'refund fails': 'The carrier refuses, and so does the refund: the stock is released',
  'payment 503 twice': 'The payment service is away for two calls; the third takes the money',
  'payment answer lost': 'The answer to the charge is lost; a look-up by key finds it',
  'cancel while paying': 'A cancel comes during the charge; what was done is undone',
  'saga timeout': 'No answer for 12 s; what may have happened is undone',
  'returned in part': 'Two lamps come back, one damaged: both refunded, one restocked',
  'above the limit, approved': 'Above the limit, the order waits until a person approves it',
  'above the limit, rejected': 'A person rejects an order above the limit; what was done is undone',
  'coupon and two payments': 'A coupon takes 10 % off; a gift card and a card pay the rest',
  'coupon expired': 'The coupon is refused; the reservation is released',
  'second of three payments declined': 'The second of three charges is declined: the first is refunded',
  'duplicate key': 'Two posts at once with one `Idempotency-Key` are one order',
  'nothing to ship': 'Every item is digital: no carrier is asked',
  delivered: 'The carrier tells of the parcel, at last that it was handed over',
};

function outcomeTable(): string {
  const rows = SCENARIOS.map(({ name, expected }) => [storyOf(name), endOf(expected)]);
  return markdownTable(['What happens', 'How it ends'], rows);
}

function demoTable(): string {
  const rows = SCENARIOS.map(({ name, expected }) => [
    name,
    storyOf(name),
    endOf(expected),
    expected.effects.map(code).join(' → ') || 'none',
  ]);
  return markdownTable(['Scenario', 'What happens', 'How it ends', 'Effects outside'], rows);
}

function storyOf(scenario: string): string {
  const story = STORIES[scenario];
  if (story === undefined) throw new Error(`say in tools/docs/tables.ts what "${scenario}" does`);
  return story;
}

function endOf({ status, failureCode, paymentAttempts, needsIntervention }: Expected): string {
  const attempts = paymentAttempts === 1 ? '1 attempt' : `${paymentAttempts ?? 0} attempts`;
  return [
    status,
    ...(failureCode === null ? [] : [code(failureCode)]),
    ...(paymentAttempts === undefined ? [] : [`payment in ${attempts}`]),
    ...(needsIntervention === true ? ['an operator is asked'] : []),
  ].join(', ');
}

const code = (text: string): string => (text === '' ? '' : `\`${text}\``);
