// Lints texts as if they stood in the files they name, by one rule if its name is given: [{ file, code }] on stdin, a list of { rule, line } per text on stdout.
// A program of its own because ESLint's configuration is an ES module, which jest does not load.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const [only] = process.argv.slice(2);
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => only === undefined || ruleId === only,
  overrideConfig: [
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { project: false, projectService: false } } },
  ],
});
const results = [];
for (const { file, code } of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: file });
  results.push((result?.messages ?? []).map(({ ruleId, line }) => ({ rule: ruleId ?? 'unreadable', line })));
}
process.stdout.write(JSON.stringify(results));
