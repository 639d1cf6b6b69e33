// Variant: the same as in learns-screening.
export * from '../../learns-screening/activities/order-activities';
