// Search for a smaller request that still fails: fewer kinds of disturbances, then fewer orders, then fewer kills.
// Processes race, so a request that did not fail again may fail another time.
import type { Kind, PlanRequest } from './plan';

/** Plays a request; whether it fails as the first one did. */
export type Fails = (request: PlanRequest) => Promise<boolean>;

const FEWEST_ORDERS = 10;

/** The smallest failing request that was found before `isOver`. */
export async function shrink(
  request: PlanRequest,
  fails: Fails,
  isOver: () => boolean,
): Promise<PlanRequest> {
  let smallest = await fewerKinds(request, fails, isOver);
  const halve = async (smaller: (from: PlanRequest) => PlanRequest | undefined): Promise<void> => {
    for (let next = smaller(smallest); next !== undefined && !isOver(); next = smaller(smallest)) {
      if (!(await fails(next))) return;
      smallest = next;
    }
  };
  await halve((from) =>
    from.orders > FEWEST_ORDERS ? { ...from, orders: Math.max(FEWEST_ORDERS, from.orders >> 1) } : undefined,
  );
  await halve((from) => (from.kills > 1 ? { ...from, kills: from.kills >> 1 } : undefined));
  return smallest;
}

/** Leaves out halves of the kinds, then quarters, down to single ones, as long as it still fails. */
async function fewerKinds(request: PlanRequest, fails: Fails, isOver: () => boolean): Promise<PlanRequest> {
  let smallest = request;
  let size = Math.ceil(request.kinds.length / 2);
  while (size >= 1 && smallest.kinds.length > 0) {
    let found = false;
    for (const left of without(smallest.kinds, size)) {
      if (isOver()) return smallest;
      const next = { ...smallest, kinds: left };
      if (!(await fails(next))) continue;
      smallest = next;
      found = true;
      break;
    }
    if (!found) size = size === 1 ? 0 : Math.ceil(size / 2);
    else size = Math.min(size, Math.max(1, Math.ceil(smallest.kinds.length / 2)));
  }
  return smallest;
}

/** The kinds without each run of `size` of them. */
function without(kinds: readonly Kind[], size: number): Kind[][] {
  const starts = Array.from({ length: Math.ceil(kinds.length / size) }, (_, index) => index * size);
  return starts.map((start) => kinds.filter((_, index) => index < start || index >= start + size));
}
