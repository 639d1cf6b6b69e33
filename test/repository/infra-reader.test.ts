// The reader of Bicep files that the tests of infra/ stand on.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { planOf, type Plan, type Properties } from '../support/bicep';

describe('a Bicep file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'bicep-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const planned = (text: string, parameters: Properties = {}): Plan => {
    const file = path.join(folder, 'main.bicep');
    writeFileSync(file, text);
    return planOf(file, parameters);
  };

  test('is read with loops, children, conditions and text that is put together', () => {
    const { resources, outputs } = planned(
      `
      @description('not read: \${neither}')
      param names array
      param wanted bool = false
      /* a comment
         of two lines */
      resource a 'T/a@1' = [
        for (name, index) in names: { name: 'a-\${name}-\${index}' } // one each
      ]
      resource b 'T/a/b@1' = if (wanted) { parent: a[0], name: 'b' }
      resource c 'T/a/c@1' = if (!wanted) {
        parent: a[1]
        name: wanted ? 'no' : '\\'c\\''
        properties: { address: a[1].properties.url, list: [1, -2, true, null] }
      }
      output name string = c.name`,
      { names: ['x', 'y'] },
    );
    expect(resources.map(({ type, name }) => [type, name])).toEqual([
      ['T/a', 'a-x-0'],
      ['T/a', 'a-y-1'],
      ['T/a/c', "a-y-1/'c'"],
    ]);
    expect(resources[2]?.body['properties']).toEqual({
      address: '<a-y-1.properties.url>',
      list: [1, -2, true, null],
    });
    expect(outputs).toEqual({ name: "'c'" });
  });

  test('takes its modules along, with their outputs, and what it imports', () => {
    writeFileSync(
      path.join(folder, 'part.bicep'),
      `param size int\nresource r 'T/r@1' = { name: 'r', size: size }\noutput id string = r.id`,
    );
    writeFileSync(path.join(folder, 'names.bicep'), `@export()\nvar sizes = { big: 7 }`);
    const { resources, outputs } = planned(`
      import { sizes } from 'names.bicep'
      module part 'part.bicep' = { name: 'part', params: { size: sizes.big } }
      output id string = part.outputs.id`);
    expect(resources.map(({ body }) => body)).toEqual([{ name: 'r', size: 7 }]);
    expect(outputs).toEqual({ id: '<r>' });
  });

  test.each([
    ['a parameter that is not given', 'param a string', 'is not given its parameter a'],
    ['a name that is not there', 'var a = b', 'nothing is called b'],
    ['a function that the reader does not know', "var a = secret('x')", 'do not know the function secret()'],
    ['a string that does not end', "var a = 'x", 'line 1: the string does not end'],
    ['a character that is no Bicep', 'var a = ~', '"~" is no Bicep'],
    ['a statement that the reader does not know', "metadata a = 'x'", 'do not read "metadata"'],
    ['more than one statement on a line', 'var a = 1 var b = 2', 'do not read more on this line'],
  ])('with %s is refused', (_what, text, message) => {
    expect(() => planned(text)).toThrow(message);
  });

  test('that is given a parameter it does not have is refused', () => {
    expect(() => planned('var a = 1', { b: 1 })).toThrow('has no parameter b');
  });
});
