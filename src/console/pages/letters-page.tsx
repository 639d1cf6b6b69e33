// Page of dead letters: by cause, what is in each, and the way back into the queue, as they are or mended.
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { REDACTED } from '../../domain/redaction';
import type { LetterGroup, RedrivenLetter } from '../../operations/dead-letters';
import { get, post, token, type Problem } from '../api';
import { dayAndTime } from '../format';
import { Question, Trouble } from '../parts';
import { addressOf, Link, place } from '../router';

const QUEUES = ['orders', 'customer-notifications'] as const;

interface Letter {
  readonly sequenceNumber: string;
  readonly messageId: string;
  readonly enqueuedAt: string;
  readonly deliveryCount: number;
  readonly reason: string;
  readonly description: string;
  readonly cause: string;
  readonly redriveCount: number;
  readonly body: string;
}

/** What is to be sent back: a group, or one letter with the text in the place of its body. */
type Going =
  | { readonly kind: 'group'; readonly group: LetterGroup }
  | { readonly kind: 'letter'; readonly letter: Letter; readonly text: Signal<string> };

interface Seen {
  readonly groups: readonly LetterGroup[];
  readonly letters: readonly Letter[];
}

export function LettersPage(): JSX.Element {
  const queue = place.value.query.get('queue') ?? QUEUES[0];
  const seen = useSignal<Seen | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const going = useSignal<Going | undefined>(undefined);
  const results = useSignal<readonly RedrivenLetter[]>([]);
  const load = async (): Promise<void> => {
    const [groups, letters] = await Promise.all([
      get<readonly LetterGroup[]>(`ops/dead-letters/groups?queue=${queue}`),
      get<readonly Letter[]>(`ops/dead-letters?queue=${queue}&limit=200`),
    ]);
    const failed = [groups, letters].find((answer) => answer.kind === 'problem');
    problem.value = failed?.kind === 'problem' ? failed.problem : undefined;
    if (groups.kind === 'ok' && letters.kind === 'ok') {
      seen.value = { groups: groups.value, letters: letters.value };
    }
  };
  useEffect(() => {
    seen.value = undefined;
    void load();
  }, [queue, token.value]);
  const send = async (what: Going, reason: string): Promise<void> => {
    const answer = await post<readonly RedrivenLetter[]>('ops/dead-letters/redrive', {
      ...{ queue, reason },
      ...(what.kind === 'group' ? { cause: what.group.cause } : mended(what.letter, what.text.value)),
    });
    going.value = undefined;
    problem.value = answer.kind === 'problem' ? answer.problem : undefined;
    if (answer.kind === 'ok') results.value = answer.value;
    if (answer.kind === 'ok') await load();
  };
  return (
    <>
      <header class="page">
        <h1>Dead letters</h1>
      </header>
      <Queues queue={queue} onAgain={() => void load()} />
      <Trouble problem={problem.value} />
      <Results letters={results.value} />
      {seen.value !== undefined && <Groups groups={seen.value.groups} going={going} />}
      {seen.value !== undefined && <Letters letters={seen.value.letters} going={going} />}
      {going.value !== undefined && (
        <Redrive going={going.value} onYes={send} onClose={() => (going.value = undefined)} />
      )}
    </>
  );
}

/** The body only where it was changed: what is not JSON is sent as it is only by its group or unchanged. */
function mended({ sequenceNumber, body }: Letter, text: string): object {
  if (text === body) return { sequenceNumbers: [sequenceNumber] };
  return { sequenceNumbers: [sequenceNumber], body: JSON.parse(text) as unknown };
}

function Queues({ queue, onAgain }: { readonly queue: string; readonly onAgain: () => void }): JSX.Element {
  return (
    <div class="filters">
      <nav aria-label="Queues" class="presets">
        {QUEUES.map((name) => (
          <Link key={name} to={addressOf('/letters', { queue: name })} current={name === queue}>
            {name}
          </Link>
        ))}
      </nav>
      <button type="button" onClick={onAgain}>
        Look again
      </button>
    </div>
  );
}

const OUTCOMES: Readonly<Record<RedrivenLetter['outcome'], string>> = {
  moved: 'sent back',
  wouldMove: 'would be sent back',
  tooOften: 'came back too often: change it',
  gone: 'lies there no more',
};

function Results({ letters }: { readonly letters: readonly RedrivenLetter[] }): JSX.Element | null {
  if (letters.length === 0) return null;
  return (
    <section aria-label="What came of it" aria-live="polite">
      <ul>
        {letters.map(({ sequenceNumber, messageId, outcome, orderId }) => (
          <li key={sequenceNumber}>
            <code>{messageId}</code> {OUTCOMES[outcome]}
            {outcome === 'moved' && orderId !== null && (
              <>
                {' '}
                · becomes <Link to={addressOf(`/orders/${orderId}`)}>order {orderId}</Link>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Groups(props: {
  readonly groups: readonly LetterGroup[];
  readonly going: Signal<Going | undefined>;
}): JSX.Element {
  if (props.groups.length === 0) return <p class="hint">The queue has given up no message.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Cause</th>
          <th scope="col" class="number">
            Letters
          </th>
          <th scope="col">First, last (UTC)</th>
          <th scope="col">Do</th>
        </tr>
      </thead>
      <tbody>
        {props.groups.map((group) => (
          <tr key={group.cause}>
            <td>{group.cause}</td>
            <td class="number">{group.count}</td>
            <td>
              {dayAndTime(group.firstAt)}, {dayAndTime(group.lastAt)}
            </td>
            <td>
              <button type="button" onClick={() => (props.going.value = { kind: 'group', group })}>
                Send all back
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Letters(props: {
  readonly letters: readonly Letter[];
  readonly going: Signal<Going | undefined>;
}): JSX.Element {
  return (
    <>
      {props.letters.map((letter) => (
        <details key={letter.sequenceNumber}>
          <summary>
            <code>{letter.messageId}</code> {letter.reason}
            {letter.redriveCount > 0 && ` · came back ${letter.redriveCount} times`}
          </summary>
          <p>{letter.description}</p>
          <LetterBody letter={letter} going={props.going} />
        </details>
      ))}
    </>
  );
}

function LetterBody(props: {
  readonly letter: Letter;
  readonly going: Signal<Going | undefined>;
}): JSX.Element {
  const { letter, going } = props;
  const text = useSignal(letter.body);
  const wrong = jsonFault(text.value, letter.body);
  return (
    <>
      <label>
        Body of {letter.messageId}
        <textarea
          rows={10}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      {wrong !== undefined && <p class="bad">{wrong}</p>}
      {letter.body.includes(REDACTED) && (
        <p class="hint">{REDACTED} stands for personal data: where it is left, what was sent goes back.</p>
      )}
      <p class="buttons">
        <button
          type="button"
          disabled={wrong !== undefined}
          onClick={() => (going.value = { kind: 'letter', letter, text })}
        >
          {text.value === letter.body ? 'Send back as it is' : 'Send back as changed'}
        </button>
        <button
          type="button"
          disabled={text.value === letter.body}
          onClick={() => (text.value = letter.body)}
        >
          As it came
        </button>
      </p>
    </>
  );
}

/** Why a changed text cannot be sent; what came is sent as it came. */
function jsonFault(text: string, came: string): string | undefined {
  if (text === came) return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function Redrive(props: {
  readonly going: Going;
  readonly onYes: (going: Going, reason: string) => Promise<void>;
  readonly onClose: () => void;
}): JSX.Element {
  const { going } = props;
  const isBusy = useSignal(false);
  const count = going.kind === 'group' ? going.group.count : 1;
  const isChanged = going.kind === 'letter' && going.text.value !== going.letter.body;
  return (
    <Question
      title={count === 1 ? 'Send one letter back?' : `Send ${count} letters back?`}
      does={isChanged ? 'Send the changed letter' : 'Send back'}
      asksReason
      isBusy={isBusy.value}
      onYes={(reason) => {
        isBusy.value = true;
        void props.onYes(going, reason);
      }}
      onClose={props.onClose}
    >
      <p>
        The copy goes to the end of the queue under the key of the original, so that what was done for it is
        not done twice. The original stays in the audit.
      </p>
      {isChanged && (
        <div class="columns">
          <pre tabIndex={0}>{going.letter.body}</pre>
          <pre tabIndex={0}>{going.text.value}</pre>
        </div>
      )}
    </Question>
  );
}
