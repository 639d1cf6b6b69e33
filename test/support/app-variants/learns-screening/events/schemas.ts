// Variant of the schemas with that of CustomerScreened.
import { ORDER_EVENT_SCHEMAS as SCHEMAS } from '../../../../../src/events/schemas';

export { count, name, utcTime } from '../../../../../src/events/schemas';

export const ORDER_EVENT_SCHEMAS = { ...SCHEMAS, CustomerScreened: SCHEMAS.StockConfirmed };

export const currentVersion = (type: keyof typeof ORDER_EVENT_SCHEMAS): number =>
  ORDER_EVENT_SCHEMAS[type].length;
