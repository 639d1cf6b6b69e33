// An act that is asked about before it is sent: once, with a reason, and what came of it told to the page.
import { signal, type Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { post, type Problem } from './api';
import { Question, Trouble, type AsksReason } from './parts';

/** As the API says it: whether an act is allowed, and why not. */
export interface Allowed {
  readonly action: string;
  readonly allowed: boolean;
  readonly why: string | null;
}

export interface Act {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  readonly does: string;
  readonly asksReason: AsksReason;
  readonly follows: ComponentChildren;
  /** What is sent; `{ reason }` unless given. */
  readonly body?: (reason: string) => object;
}

export interface ActState {
  readonly asked: Signal<Act | undefined>;
  readonly isBusy: Signal<boolean>;
  readonly problem: Signal<Problem | undefined>;
}

/** The state of the acts of a page. */
export function useActs(): ActState {
  return useMemo(
    () => ({ asked: signal<Act | undefined>(undefined), isBusy: signal(false), problem: signal(undefined) }),
    [],
  );
}

/** The question of the act that is asked about, and what went wrong with the last one. */
export function AskedAct(props: { readonly state: ActState; readonly onDone: () => void }): JSX.Element {
  const { asked, isBusy, problem } = props.state;
  const send = async (act: Act, reason: string): Promise<void> => {
    isBusy.value = true;
    const answer = await post(act.path, act.body?.(reason) ?? (reason === '' ? {} : { reason }));
    isBusy.value = false;
    asked.value = undefined;
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    props.onDone();
  };
  const act = asked.value;
  return (
    <>
      <Trouble problem={problem.value} />
      {act !== undefined && (
        <Question
          title={act.title}
          does={act.does}
          asksReason={act.asksReason}
          isBusy={isBusy.value}
          onYes={(reason) => void send(act, reason)}
          onClose={() => (asked.value = undefined)}
        >
          {act.follows}
        </Question>
      )}
    </>
  );
}

/** Buttons for the acts that are allowed, and behind a summary the others with why not. `of` names what they are done to. */
export function ActButtons(props: {
  readonly acts: readonly { readonly action: string; readonly act: Act }[];
  readonly allowed: readonly Allowed[];
  readonly state: ActState;
  readonly of: string;
}): JSX.Element {
  const told = props.acts.map(({ action, act }) => ({
    act,
    says: props.allowed.find((one) => one.action === action),
  }));
  const others = told.filter(({ says }) => says?.allowed !== true);
  return (
    <div class="buttons">
      {told
        .filter(({ says }) => says?.allowed === true)
        .map(({ act }) => (
          <button
            key={act.name}
            type="button"
            title={act.does}
            onClick={() => (props.state.asked.value = act)}
          >
            {act.name}
          </button>
        ))}
      {others.length > 0 && (
        <details>
          <summary aria-label={`not now: what cannot be done to ${props.of}`}>not now</summary>
          <ul>
            {others.map(({ act, says }) => (
              <li key={act.name}>
                <strong>{act.name}</strong>: {says?.why ?? 'it is not offered here'}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
