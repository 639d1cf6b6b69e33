// Functions of the plan past one deployment: many deployments of the same template (scale units), each with its own
// store, bus and task hub. An order belongs to the unit of its bucket, and its bucket follows from its id.
//
// scale-units.U1  The bucket of an order never changes; only which unit serves a bucket does.
// scale-units.U2  Moving a bucket moves its orders and no others.
import { bucketOf as bucketAmong } from '../../../src/domain/bucket';

/** Far more than there will ever be units, so that a unit's share can be moved in small parts. */
const BUCKET_BITS = 12;
export const BUCKETS = 2 ** BUCKET_BITS;

/** Of an order id: 0 to 4,095. */
export const bucketOf = (orderId: string): number => bucketAmong(orderId, BUCKET_BITS);

/** Which unit serves each bucket: `units` with equal shares, give or take one bucket. */
export const evenUnits = (units: number): readonly number[] =>
  Array.from({ length: BUCKETS }, (_, bucket) => bucket % units);

/** The unit of an order; a tenant that has been given a unit of its own is there with all its orders. */
export function unitOf(
  orderId: string,
  tenantId: string,
  unitOfBucket: readonly number[],
  unitOfTenant: Readonly<Record<string, number>> = {},
): number {
  const unit = unitOfTenant[tenantId] ?? unitOfBucket[bucketOf(orderId)];
  if (unit === undefined) throw new Error(`no unit serves bucket ${bucketOf(orderId)} of ${orderId}`);
  return unit;
}

/** Units for so many orders a second, when none is filled above `fill` of its ceiling. */
export const unitsFor = (ordersPerSecond: number, ceiling: number, fill: number): number =>
  Math.max(1, Math.ceil(ordersPerSecond / (ceiling * fill)));
