// Parts that several pages have: what went wrong, who is signed in, a status, a question with a reason.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { signIn, token, type Problem } from './api';
import { words } from './format';

export function Trouble({ problem }: { readonly problem: Problem | undefined }): JSX.Element | null {
  if (problem === undefined) return null;
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

/** A question before something is done, with room for the reason; closing it does nothing. */
export function Question(props: {
  readonly title: string;
  readonly asksReason: boolean;
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
        <label>
          Reason{props.asksReason ? '' : ' (if there is one)'}{' '}
          <input
            required={props.asksReason}
            maxLength={500}
            value={reason}
            onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
          />
        </label>
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
