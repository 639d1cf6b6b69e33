// Makes every answer that a scenario gets with `fetch` from the app's API be checked against the OpenAPI document, wherever in
// the test or its helpers it is asked for. Loaded by jest before every test file (setupFilesAfterEnv).
import type { AnswerCheck } from './answer-check';

const SCENARIOS = /[\\/]test[\\/]scenario[\\/]/;

if (SCENARIOS.test(expect.getState().testPath ?? '')) checkEveryAnswer();

/** Loaded when first needed: a test that mocks modules of the app must be the first to load them. */
async function loadCheck(): Promise<AnswerCheck> {
  const { openApiDocument } = await import('../../src/functions/openapi/document');
  const { createAnswerCheck } = await import('./answer-check');
  return createAnswerCheck(JSON.parse(JSON.stringify(openApiDocument())));
}

function checkEveryAnswer(): void {
  let loading: Promise<AnswerCheck> | undefined;
  const wrong: string[] = [];
  const ask = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await ask(input, init);
    const { url, status, headers } = response;
    if (!new URL(url).pathname.startsWith('/api/')) return response;
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    const body = await response.clone().text();
    const check = await (loading ??= loadCheck());
    const fault = check({ method, url, status, headers, body });
    if (fault !== undefined) wrong.push(fault);
    return response;
  };
  // Not thrown where it is asked: who polls would ask again.
  afterEach(() => {
    const found = [...new Set(wrong.splice(0))];
    if (found.length > 0) throw new Error(`Not as documented:\n${found.join('\n')}`);
  });
}
