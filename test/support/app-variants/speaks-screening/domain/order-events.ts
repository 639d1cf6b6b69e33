// As the release before, which learnt it.
export * from '../../learns-screening/domain/order-events';
