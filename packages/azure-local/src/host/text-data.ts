// Text values in the programming model's typed-data form.
import type { TypedData } from './core-types';

/** How every JSON text begins and, where it is short, ends; other text may match too. */
const MAY_BE_JSON = /^\s*(?:["[{]|(?:-?\d[\d.eE+-]*|true|false|null)\s*$)/;

/**
 * `text` as the platform's `string`, which the SDK reads as JSON where it is JSON and else takes as it is. It finds that
 * out by an exception, which is dear for what is no JSON, as most ids and times: that goes as JSON of the text, and the
 * function gets the same.
 */
export const textData = (text: string): TypedData =>
  MAY_BE_JSON.test(text) ? { string: text } : { json: JSON.stringify(text) };
