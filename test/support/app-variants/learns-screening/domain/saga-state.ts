// Variant of the saga state, in which CustomerScreened says that its step is done.
import { evolveSagaState as evolve, type SagaState } from '../../../../../src/domain/saga-state';
import type { OrderEvent } from '../../../../../src/domain/order-events';

export { initialSagaState, recordOf } from '../../../../../src/domain/saga-state';

export function evolveSagaState(state: SagaState, event: OrderEvent): SagaState {
  const isScreening = (event.type as string) === 'CustomerScreened';
  // As a done step without more to remember is folded.
  return evolve(state, isScreening ? ({ ...event, type: 'StockConfirmed' } as OrderEvent) : event);
}
