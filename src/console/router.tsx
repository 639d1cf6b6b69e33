// Router of the console: the address is the state. A page is a path below /api/ui, its filters are the query.
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';

const BASE = '/api/ui';

/** Where the reader is: the path below the console, and the query. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function here(): Place {
  const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : '/';
  return { path: path === '' ? '/' : path, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(here());

/** The address of a page, to be linked to and sent to others. */
export function addressOf(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return `${BASE}${path}${text === '' ? '' : `?${text}`}`;
}

export function go(address: string, replaces = false): void {
  history[replaces ? 'replaceState' : 'pushState'](null, '', address);
  place.value = here();
  if (!replaces) scrollTo(0, 0);
}

export function startRouter(): void {
  addEventListener('popstate', () => (place.value = here()));
}

/** A link that changes the page without loading it anew; with a modifier key it is what any link is. */
export function Link(props: {
  readonly to: string;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const follow = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(props.to);
  };
  return (
    <a href={props.to} class={props.class} aria-current={props.current ? 'page' : undefined} onClick={follow}>
      {props.children}
    </a>
  );
}
