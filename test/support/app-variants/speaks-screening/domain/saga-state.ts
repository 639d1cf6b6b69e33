// Variant: the same as in learns-screening.
export * from '../../learns-screening/domain/saga-state';
