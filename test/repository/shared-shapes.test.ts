// What scripts/shared-shapes.mjs makes of source.
import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';

const AWAITER = `const __awaiter = (self, values, P, generator) => new Promise((resolve, reject) => {
  const running = generator.apply(self, values ?? []);
  const step = ({ done, value }) => (done ? resolve(value) : Promise.resolve(value).then(next, thrown));
  const next = (value) => { try { step(running.next(value)); } catch (error) { reject(error); } };
  const thrown = (error) => { try { step(running.throw(error)); } catch (other) { reject(other); } };
  next();
});
`;

const SOURCES = {
  spread: '(a) => ({ ...a, b: 1, c: 2 })',
  later: '(() => { const a = { x: 1, y: 2 }; return { ...a, x: 3, ...{ y: 4 } }; })()',
  getter:
    '(() => { const a = { x: 1 }; const o = { ...a, get y() { return this.x; } }; o.x = 5; return o; })()',
  nothing: '({ ...undefined, x: 1 })',
  others: '(({ x, ...rest }) => [...[x], Math.max(...[1, 2]), rest])({ x: 1, y: 2 })',
  nested: '({ ...{ a: 1 }, b: { ...{ c: 2 }, d: 3 } })',
  translated: `${AWAITER}
class Host {
  constructor() { this.name = 'h'; }
  run(fail) {
    return __awaiter(this, void 0, void 0, function* () {
      const found = (yield Promise.resolve(fail)) ? yield Promise.reject(new Error('no')) : 'yes';
      const inner = yield __awaiter(this, void 0, void 0, function* () { yield; return { ...{ of: this.name }, found }; });
      return [inner, [...(function* () { yield 7; })()]];
    });
  }
}
const host = new Host();
Promise.all([host.run(false), host.run(true).catch(({ message }) => message)])`,
  handedOn: 'function f() { return __awaiter(this, arguments, void 0, function* (a) { yield a; }); }',
  proto: '(() => { const o = { ...{ a: 1 }, __proto__: { b: 2 } }; return [o.a, o.b, Object.keys(o)]; })()',
  order: `(() => {
    const seen = [];
    const note = (name) => ({ get [name]() { seen.push(name); return name; } });
    return [{ ...note('a'), b: seen.push('b'), ...note('c') }, seen];
  })()`,
  throws: `${AWAITER}
function early() { return __awaiter(this, void 0, void 0, function* () { throw new Error('early'); }); }
function late(a) {
  return __awaiter(this, void 0, void 0, function* () { const { b = yield Promise.reject(new Error(a.c)) } = a; return b; });
}
Promise.all([early(), late({ c: 'late' }), late({ b: 1 }), late()].map((one) => one.catch(({ message }) => message)))`,
  ends: `${AWAITER}
function run() {
  return __awaiter(this, void 0, void 0, function* () {
    const seen = [];
    try { seen.push(yield yield Promise.resolve(1), -(yield 2), (yield 3) ? yield 4 : 0); return seen; }
    finally { seen.push(yield { then: (done) => done('last') }); }
  });
}
run()`,
  methodNames: `${AWAITER}
function run() {
  return __awaiter(this, void 0, void 0, function* () {
    class Named { [yield 'a']() { return 1; } static get [yield 'b']() { return 2; } }
    return [new Named().a(), Named.b, { [yield 'c']() { return 3; } }.c()];
  });
}
run()`,
  noSemicolon: `${AWAITER}
let seen = ''
function run() {
  const note = (what) => { seen += what; return note }
  const last = note
  __awaiter(this, void 0, void 0, function* () { seen += yield 'awaited' })
  return last('called')
}
run()
Promise.resolve().then(() => 0).then(() => 0).then(() => [seen])`,
  constructed: `${AWAITER}
function Made() { this.promise = __awaiter(this, void 0, void 0, function* () { return new.target === undefined; }); }
new Made().promise`,
  named: `${AWAITER}
function run() { return __awaiter(this, void 0, void 0, function* self() { return typeof self; }); }
run()`,
  ownPromise: `${AWAITER}
function run() { return __awaiter(this, void 0, (() => { throw new Error('asked'); })(), function* () { yield 1; }); }
(async () => { try { await run(); return 'not asked'; } catch ({ message }) { return message; } })()`,
  awaitAsName: `${AWAITER}
function run() { return __awaiter(this, void 0, void 0, function* () { const await = 1; return await; }); }
run()`,
};

/** In one process, which loads the parser once. */
const written = JSON.parse(
  run(`import { sharedShapes } from './scripts/shared-shapes.mjs';
    const sources = Object.entries(${JSON.stringify(SOURCES)});
    console.log(JSON.stringify(Object.fromEntries(sources.map(([name, text]) => [name, sharedShapes(text)]))));`),
) as typeof SOURCES;

test('objects that start with a spread come to have one hidden class', () => {
  const script = `const make = ${written.spread}; const from = { x: 1, y: 2 };
    for (let i = 0; i < 1_000; i += 1) make(from);
    console.log(%HaveSameMap(make(from), make(from)));`;
  expect(run(script, '--allow-natives-syntax')).toBe('true\n');
});

test.each(['later', 'getter', 'nothing', 'others', 'nested', 'proto', 'order'] as const)(
  'an object is what it was where it starts with a spread: %s',
  (name) => {
    expect(plain(runInNewContext(written[name]))).toEqual(plain(runInNewContext(SOURCES[name])));
  },
);

test('a translated async function becomes one again, on the same lines, and does the same', async () => {
  expect(written.translated).not.toContain('__awaiter(this');
  expect(written.translated.split('\n')).toHaveLength(SOURCES.translated.split('\n').length);
  const outcome = [[{ of: 'h', found: 'yes' }, [7]], 'no'];
  expect(plain(await runInNewContext(SOURCES.translated))).toEqual(outcome);
  expect(plain(await runInNewContext(written.translated))).toEqual(outcome);
});

test.each([
  ['throws', ['early', 'late', 1, expect.stringContaining('undefined')]],
  ['ends', [1, -2, 4, 'last']],
  ['methodNames', [1, 2, 3]],
] as const)('a translated async function awaits, throws and ends as it did: %s', async (name, outcome) => {
  expect(written[name]).not.toContain('__awaiter(this');
  expect(plain(await runInNewContext(SOURCES[name]))).toEqual(outcome);
  expect(plain(await runInNewContext(written[name]))).toEqual(outcome);
});

test.each(['noSemicolon', 'constructed', 'named', 'ownPromise', 'awaitAsName'] as const)(
  'one that would mean something else as an arrow function does what it did: %s',
  async (name) => {
    const outcome = plain(await runInNewContext(SOURCES[name]));
    expect(plain(await runInNewContext(written[name]))).toEqual(outcome);
  },
);

test('one that hands on its arguments stays as it is', () => {
  expect(written.handedOn).toBe(SOURCES.handedOn);
});

function run(script: string, ...flags: string[]): string {
  return execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
}

/** Of this realm. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
