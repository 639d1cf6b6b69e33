// Variant: the same as in learns-screening.
export * from '../../learns-screening/domain/order-events';
