// Page of the audit: what operators have done that is in no order's events.
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { redactedJson } from '../../domain/redaction';
import type { OperatorAct } from '../../ports/audit';
import { get, token, type Problem } from '../api';
import { dayAndTime } from '../format';
import { Trouble } from '../parts';

export function ActsPage(): JSX.Element {
  const acts = useSignal<readonly OperatorAct[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  useEffect(() => {
    void get<readonly OperatorAct[]>('ops/acts?limit=200').then((answer) => {
      if (answer.kind === 'ok') acts.value = answer.value;
      problem.value = answer.kind === 'ok' ? undefined : answer.problem;
    });
  }, [token.value]);
  return (
    <>
      <header class="page">
        <h1>Acts</h1>
      </header>
      <Trouble problem={problem.value} />
      {acts.value?.length === 0 && <p class="hint">No operator has done anything yet.</p>}
      {acts.value?.map((act) => (
        <details key={act.id}>
          <summary>
            {dayAndTime(act.at)} <strong>{act.actor}</strong> {act.action} · {act.subject} · {act.reason}
          </summary>
          <div class="columns">
            <pre tabIndex={0}>{act.before === null ? 'nothing' : redactedJson(act.before)}</pre>
            <pre tabIndex={0}>{act.after === null ? 'as it was' : redactedJson(act.after)}</pre>
          </div>
        </details>
      ))}
    </>
  );
}
