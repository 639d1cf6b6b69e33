// Sequencer for the test suites: those that kill processes wait most of the time, so they are spread evenly among the
// others, which keep the processor busy. Within each kind jest's own order stands: the longest first.
const { default: Sequencer } = require('@jest/test-sequencer');

const WAITS = /\/test\/crash\//;

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const kinds = [true, false].map((waits) => sorted.filter(({ path }) => WAITS.test(path) === waits));
    return kinds
      .flatMap((kind) => kind.map((suite, index) => ({ suite, place: index / kind.length })))
      .sort((one, other) => one.place - other.place)
      .map(({ suite }) => suite);
  }
};
