// Checks the OpenAPI document on standard input; prints whether it is valid, what is wrong, and its version. A program of its
// own, because the validator is an ES module, which jest does not load.
import { text } from 'node:stream/consumers';
import { Validator } from '@seriousme/openapi-schema-validator';

const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(await text(process.stdin)));
console.log(JSON.stringify({ valid, errors, version: validator.version }));
