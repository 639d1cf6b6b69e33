// Schema of the query parameter `cursor`, which leads to the next page of a list, and what a wrong one is answered with.
import { z } from 'zod';

const message =
  'must be the one that `Link: rel="next"` gave for this list with these parameters; leave it out to begin at the first page';

export const cursor = z
  .string()
  .max(1_000, message)
  .optional()
  .meta({ description: 'Where the page begins, as `Link` gave it' });

export const cursorProblem = { path: 'cursor', message };
