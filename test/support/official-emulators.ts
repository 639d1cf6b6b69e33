// Switch for tests: whether the emulators of docker-compose.yml are to be asked for the facts that the look-alikes are
// held to.

/** The one variable: `AZURE_EMULATORS=1 npx jest conformance`. */
const ASKED = process.env['AZURE_EMULATORS'] === '1';

/** `describe` for the official emulators; without the variable it is one skipped test that says how to run it. */
export function describeOfficial(title: string, body: () => void): void {
  if (ASKED) describe(title, body);
  else
    describe.skip(title, () =>
      test('AZURE_EMULATORS=1, with docker compose up --wait, asks it for the same facts', () =>
        expect(ASKED).toBe(true)),
    );
}
