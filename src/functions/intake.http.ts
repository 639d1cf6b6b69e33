// Routes for operators who pause and resume the intake of orders; and the answer to an order that comes meanwhile.
import {
  changeIntake,
  intakeActions,
  SEEN_WITHIN_MS,
  type IntakeAction,
  type IntakePorts,
} from '../operations/intake';
import type { IntakeState } from '../ports/intake';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

/** After which time an order that was not taken is worth another try. */
const INTAKE_RETRY_MS = 30_000;
/** For so long a message is put off while orders are not taken, and then again. */
export const POSTPONED_MS = 10_000;

export function intakePaused(): HttpProblem {
  return new HttpProblem('INTAKE_PAUSED', 'Orders are not taken just now', undefined, {
    'Retry-After': String(INTAKE_RETRY_MS / 1_000),
  });
}

export function registerIntake(ports: IntakePorts, register: RegisterRoute): void {
  register(ROUTES.GetIntake, async ({ scope }) => answer((await ports.intake.read(scope)).state));
  register(ROUTES.PauseIntake, (call) => change(ports, 'pause', call));
  register(ROUTES.ResumeIntake, (call) => change(ports, 'resume', call));
}

type Change = typeof ROUTES.PauseIntake;

async function change(
  ports: IntakePorts,
  action: IntakeAction,
  { scope, operator, body }: Pick<Call<Change>, 'scope' | 'operator' | 'body'>,
): Promise<AnswerOf<Change>> {
  const result = await changeIntake(ports, { scope, action, operator, reason: body.reason });
  if (result.kind === 'refused')
    throw new HttpProblem('INTAKE_WRONG_STATE', `cannot ${action}: ${result.why}`);
  return answer(result.state);
}

function answer(state: IntakeState) {
  const seenWithinSeconds = SEEN_WITHIN_MS / 1_000;
  return {
    status: 200 as const,
    jsonBody: { ...state, seenWithinSeconds, allowedActions: intakeActions(state) },
  };
}
