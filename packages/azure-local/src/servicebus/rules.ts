// Parser of a subscription's rules in the configuration file: correlation filters, and the SQL filter that is always
// true.
import type { CorrelationFilter, SystemProperty } from './filters';
import { checkNameLength } from './limits';
import type { Section } from './settings-section';

const SYSTEM_PROPERTIES: Readonly<Record<string, SystemProperty>> = {
  ContentType: 'contentType',
  CorrelationId: 'correlationId',
  Label: 'label',
  MessageId: 'messageId',
  ReplyTo: 'replyTo',
  ReplyToSessionId: 'replyToSessionId',
  SessionId: 'sessionId',
  To: 'to',
};

const ALWAYS: CorrelationFilter = { system: {}, application: {} };
const ALWAYS_TRUE = /^\s*1\s*=\s*1\s*$/;
const USE_CORRELATION =
  'Use "FilterType": "Correlation", which compares system and application properties for equality.';

/** The filters of a subscription's rules, in their order. */
export const parseRules = (rules: readonly Section[]): CorrelationFilter[] => rules.map(parseRule);

function parseRule(rule: Section): CorrelationFilter {
  checkNameLength(rule.text('Name'), 'rule', rule);
  const properties = rule.section('Properties');
  rule.end();
  if (properties.has('Action'))
    throw properties.refusal('Action', 'Rule actions change messages: do it in the consumer.');
  properties.ignore('Action');
  const filter = parseFilter(properties);
  properties.end();
  return filter;
}

function parseFilter(properties: Section): CorrelationFilter {
  const type = properties.text('FilterType');
  if (type === 'Correlation') return correlation(properties.section('CorrelationFilter'));
  if (type !== 'Sql') throw properties.refusal('FilterType', USE_CORRELATION);
  const sql = properties.section('SqlFilter');
  if (!ALWAYS_TRUE.test(sql.text('SqlExpression'))) throw sql.refusal('SqlExpression', USE_CORRELATION);
  sql.end();
  return ALWAYS;
}

function correlation(section: Section): CorrelationFilter {
  const system: Partial<Record<SystemProperty, string>> = {};
  for (const [name, property] of Object.entries(SYSTEM_PROPERTIES))
    if (section.has(name)) system[property] = section.text(name);
  const filter = { system, application: section.scalars('Properties') };
  for (const name in SYSTEM_PROPERTIES) section.ignore(name);
  section.end();
  return filter;
}
