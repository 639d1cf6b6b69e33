// Seed of the stock: products whose stock is limited from the start, from the built-in file or one of the user's own.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import builtIn from './seed.json';

const seedSchema = z.record(z.string().min(1), z.strictObject({ onHand: z.int().nonnegative() }));

/** Products with what is on hand of them at first. */
export type Seed = z.infer<typeof seedSchema>;

/** The seed in `file`, or the built-in one; throws a sentence for the person at the terminal. */
export function readSeed(file: string | undefined): Seed {
  if (file === undefined) return builtIn;
  try {
    return seedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(
      `The stock seed file ${file} cannot be used: ${why}. It holds one JSON object of products, such as ` +
        '{ "prod-001": { "onHand": 1000 } }; correct it, or start without it to use the built-in one.',
      { cause: error },
    );
  }
}
