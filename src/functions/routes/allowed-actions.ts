// Schema of what may be done to something, and why not.
import { z } from 'zod';

export function allowedActions<A extends string>(actions: readonly [A, ...A[]] | readonly A[]) {
  return z.array(
    z.object({
      action: z.enum(actions as readonly [A, ...A[]]),
      allowed: z.boolean(),
      why: z.string().nullable().meta({ description: 'Why not; null where it is allowed' }),
    }),
  );
}
