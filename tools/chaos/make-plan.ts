// Maker of the plan of a chaos run from the request for it.
//
// make-plan.P1  The same request gives the same plan; whoever plays it may be late, but changes nothing in it.
// make-plan.P2  Every kind of disturbance and the orders draw from streams of their own: leaving a kind out changes no
//   other.
import { planDisturbances } from './disturbances';
import type { Plan, PlanRequest } from './plan';
import { planOrders } from './planned-orders';

export function makePlan(request: PlanRequest): Plan {
  return {
    ...request,
    placed: planOrders(request),
    disturbances: planDisturbances(request).sort((a, b) => a.atMs - b.atMs),
  };
}
