// Rule `walls/imports`: a file imports only from the rows, and only the packages, that its row in walls.mjs names.
// Every form counts: import, import type, export … from, import(), require and its relatives, types by import('…').
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { packageOf, rowOf, WALLS, workspaceFile } from './walls.mjs';

/** Calls that load a module by name: require(…), require.resolve(…), jest.mock(…), process.getBuiltinModule(…). */
const LOADING = /(^|\.)(require(\.resolve)?|getBuiltinModule|import\.meta\.resolve)$/;
const JEST_LOADING = /^jest\.(mock|doMock|unmock|setMock|requireActual|requireMock|unstable_mockModule)$/;

const toPosix = (file) => file.split(path.sep).join('/');

/** Why `from` may not import `name`; undefined when it may. `file` is where it is imported, from the repository's root. */
function refusal(file, from, name, walls = WALLS) {
  const { imports, packages, why } = walls[from];
  const says = `${from} may not import ${name}: ${why} (eslint/walls.mjs)`;
  const shared = workspaceFile(name);
  if (shared === undefined && !/^\.{1,2}(\/|$)/.test(name)) {
    const isOfNode = isBuiltin(name);
    const full = isOfNode && !name.startsWith('node:') ? `node:${name}` : name;
    const isNamed = packages.includes(full) || (isOfNode && packages.includes('node:*'));
    return isNamed ? undefined : says;
  }
  const target = shared ?? path.posix.join(path.posix.dirname(file), name);
  if (packageOf(target) !== packageOf(file) && shared === undefined)
    return `${name} is in another package: import it by the name of that package`;
  const to = rowOf(target, walls);
  return to !== undefined && (to === from || imports.includes(to)) ? undefined : says;
}

/** The text of a literal, or of a template in which nothing is computed. */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

export const importWalls = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = toPosix(path.relative(context.cwd, context.filename));
    const from = rowOf(file);
    if (from === undefined) {
      const message = `${file} is in no row of eslint/walls.mjs: say there who it may import`;
      return { Program: (node) => context.report({ node, message }) };
    }
    const check = (node, source) => {
      const name = textOf(source);
      const message =
        name !== undefined
          ? refusal(file, from, name)
          : WALLS[from].computed
            ? undefined
            : `${from} may import only by names that stand in the code (eslint/walls.mjs)`;
      if (message !== undefined) context.report({ node, message });
    };
    const checkSource = (node) => {
      if (node.source) check(node, node.source);
    };
    return {
      ImportDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ImportExpression: checkSource,
      TSImportType: (node) => check(node, node.source ?? node.argument?.literal ?? node.argument),
      TSExternalModuleReference: (node) => check(node, node.expression),
      CallExpression(node) {
        const callee = context.sourceCode.getText(node.callee).replaceAll('?.', '.');
        const isJest = JEST_LOADING.test(callee.replace(/<.*$/s, ''));
        if (isJest || LOADING.test(callee)) check(node, node.arguments[0]);
      },
    };
  },
};
