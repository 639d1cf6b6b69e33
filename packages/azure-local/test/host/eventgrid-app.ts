// What the handlers of the fixture app with Event Grid triggers are given, and how their runs end.
import { takePosts } from '../../testing/host-triggers-app';

/** One run of an Event Grid function. */
export interface Run {
  readonly name: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly triggerMetadata: Readonly<Record<string, unknown>>;
}

export interface Runs {
  readonly url: string;
  readonly list: Run[];
  /** How a run ends; undefined: well. */
  ending: (run: Run) => string | undefined | Promise<string | undefined>;
}

/** Takes in what handlers are given. */
export async function receiveRuns(): Promise<Runs> {
  const runs: Runs = { url: '', list: [], ending: () => undefined };
  const url = await takePosts(async (body) => {
    const run = JSON.parse(body) as Run;
    runs.list.push(run);
    return runs.ending(run);
  });
  return Object.assign(runs, { url });
}
