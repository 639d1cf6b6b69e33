// Parts that several pages have: what went wrong, who is signed in, a status, a question with a reason.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { signIn, token, type Problem } from './api';
import { words } from './format';

/** Statuses of whoever stands before a system that is away, and 0 where nobody answers. */
const AWAY = [0, 502, 503, 504];

/** What went wrong. `isFollowing`: the page asks again by itself. */
export function Trouble(props: {
  readonly problem: Problem | undefined;
  readonly isFollowing?: boolean;
}): JSX.Element | null {
  const { problem, isFollowing = false } = props;
  if (problem === undefined) return null;
  if (isFollowing && AWAY.includes(problem.status)) {
    return (
      <p class="trouble" role="status">
        <strong>Reconnecting …</strong> {problem.detail}. This page goes on by itself.
      </p>
    );
  }
  if (problem.status === 401) return <SignIn why={`This page is for operators. ${problem.detail}`} />;
  return (
    <div class="trouble" role="alert">
      <strong>{problem.code}</strong> {problem.detail}
      {problem.errors && (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Asks for a token, which this tab keeps. */
export function SignIn({ why }: { readonly why: string }): JSX.Element {
  const given = useSignal('');
  return (
    <form
      class="trouble"
      onSubmit={(event) => {
        event.preventDefault();
        signIn(given.value.trim());
      }}
    >
      <p>
        <strong>{why}</strong>
      </p>
      <label>
        Operator token, or one of <code>npm run token</code>{' '}
        <input
          type="password"
          autocomplete="off"
          required
          value={given}
          onInput={({ currentTarget }) => (given.value = currentTarget.value)}
        />
      </label>{' '}
      <button type="submit">Sign in</button>{' '}
      {token.value !== '' && (
        <button type="button" onClick={() => signIn('')}>
          Forget the token
        </button>
      )}
    </form>
  );
}

const GOOD = ['completed', 'delivered'];
const BAD = ['failed', 'cancelled'];

/** A status in words, with a shape beside the colour. */
export function Status({
  of,
  needsPerson,
}: {
  readonly of: string;
  readonly needsPerson: boolean;
}): JSX.Element {
  const kind = GOOD.includes(of)
    ? 'good'
    : BAD.includes(of)
      ? 'bad'
      : of === 'compensating'
        ? 'back'
        : 'going';
  const sign = { good: '✓', bad: '✕', back: '↩', going: '…' }[kind];
  return (
    <span class={`status ${kind}`}>
      {sign} {words(of)}
      {needsPerson && <strong class="person"> needs a person</strong>}
    </span>
  );
}

/** Whether a reason has to be given; `never`: none is kept. */
export type AsksReason = boolean | 'never';

/** A question before something is done, with room for the reason; closing it does nothing. */
export function Question(props: {
  readonly title: string;
  readonly asksReason: AsksReason;
  readonly does: string;
  readonly isBusy: boolean;
  readonly onYes: (reason: string) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const reason = useSignal('');
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={props.onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!props.isBusy) props.onYes(reason.value.trim());
        }}
      >
        <h2 id="question">{props.title}</h2>
        {props.children}
        {props.asksReason !== 'never' && (
          <label>
            Reason{props.asksReason ? '' : ' (if there is one)'}{' '}
            <input
              required={props.asksReason}
              maxLength={500}
              value={reason}
              onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
            />
          </label>
        )}
        <p class="buttons">
          <button type="submit" class="strong" disabled={props.isBusy}>
            {props.does}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
        </p>
      </form>
    </dialog>
  );
}
