// Variant of the events with CustomerScreened.
import { isKnownType as isKnown } from '../../../../../src/domain/order-events';

export * from '../../../../../src/domain/order-events';

export const isKnownType = (type: string): boolean => type === 'CustomerScreened' || isKnown(type);
