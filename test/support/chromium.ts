// Chromium for tests of the console's pages: the one that CHROMIUM_PATH names, or the system's. Where there is none, the
// tests say so in one line and are skipped.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env['CHROMIUM_PATH'] ?? PLACES.find((place) => existsSync(place));

/** `describe`, or a skipped one where there is no browser. */
export function describePages(name: string, suite: () => void): void {
  if (executablePath !== undefined) {
    describe(name, suite);
    return;
  }
  process.stderr.write(`${name}: skipped, no Chromium here; install one or set CHROMIUM_PATH\n`);
  describe.skip(name, suite);
}

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? '', args: QUIET });
}

/** What a page has complained of: errors of its code, of the policy, of its console. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // An answer such as 401 is told on the console too; the page shows what came of it.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
  });
  return complaints;
}
