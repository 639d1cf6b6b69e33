// Routes for operators who have stored events fed to the read models once more.
import { invocationLog } from '../telemetry/invocation-log';
import { replayEvents, type ReplayPorts } from '../operations/replay';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export function registerOps(ports: ReplayPorts, register: RegisterRoute): void {
  register(ROUTES.ReplayEvents, async (call) => {
    const answer = await replayAnswer(ports, call);
    const { matched, unreadable, dryRun } = answer.jsonBody;
    const { operator, correlationId } = call;
    const told = { operator, correlationId, matched, unreadable, dryRun };
    invocationLog(call.context).info('events replayed', told);
    return answer;
  });
}

type Replay = typeof ROUTES.ReplayEvents;

/** Replays what the body selects and answers how many events matched. */
export async function replayAnswer(
  ports: ReplayPorts,
  { body: { type, from: fromIso, dryRun }, scope: reach }: Pick<Call<Replay>, 'body' | 'scope'>,
): Promise<AnswerOf<Replay>> {
  return { status: 200, jsonBody: await replayEvents(ports, { reach, type, fromIso, dryRun }) };
}
