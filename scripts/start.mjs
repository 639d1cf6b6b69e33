// Program behind `npm start`: builds if a source is newer, then runs the start program in this process, as another would
// take a while to begin.
import { createRequire } from 'node:module';
import './build.mjs';

createRequire(import.meta.url)('../dist/local/start.js');
