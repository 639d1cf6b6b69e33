// The web console: one page that draws what the API tells. Which part of it is shown is decided by the address.
import { render, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { linkTrouble, signIn, takeSignInFromAddress, token } from './api';
import { lookWhoAsks, me, meProblem, whyNotFor } from './me';
import { ChartsPage } from './pages/charts-page';
import { DaysPage } from './pages/days-page';
import { ActsPage } from './pages/acts-page';
import { BulkPage } from './pages/bulk-page';
import { BulkProgress } from './pages/bulk-progress';
import { InboxPage } from './pages/inbox-page';
import { LettersPage } from './pages/letters-page';
import { OrderPage } from './pages/order-page';
import { OrdersPage } from './pages/orders-page';
import { OwnOrdersPage } from './pages/own-orders-page';
import { PlaygroundPage } from './pages/playground-page';
import { ShopPage } from './pages/shop-page';
import { SignIn } from './parts';
import { addressOf, Link, place, startRouter } from './router';
import './app.css';

interface PageEntry {
  readonly name: string;
  readonly path: string;
  /** Who may look: one of these roles. Empty: whoever the API lets. */
  readonly roles: readonly string[];
  readonly page: () => JSX.Element;
}

const TENANT: readonly string[] = ['service', 'operator', 'approver', 'reader'];

const PAGES: readonly PageEntry[] = [
  { name: 'Orders', path: '/', roles: ['customer', ...TENANT], page: () => <Orders /> },
  { name: 'Inbox', path: '/inbox', roles: TENANT, page: () => <InboxPage /> },
  { name: 'Shop', path: '/shop', roles: ['customer', 'service', 'operator'], page: () => <ShopPage /> },
  { name: 'Days', path: '/days', roles: TENANT, page: () => <DaysPage /> },
  { name: 'Charts', path: '/charts', roles: TENANT, page: () => <ChartsPage /> },
  { name: 'Dead letters', path: '/letters', roles: ['operator'], page: () => <LettersPage /> },
  { name: 'Bulk', path: '/bulk', roles: ['operator'], page: () => <BulkPage /> },
  { name: 'Acts', path: '/acts', roles: ['operator'], page: () => <ActsPage /> },
];

const PLAYGROUND: PageEntry = {
  name: 'Playground',
  path: '/playground',
  roles: ['operator'],
  page: () => <PlaygroundPage />,
};

function Console(): JSX.Element {
  const { path } = place.value;
  useEffect(() => void lookWhoAsks(), [token.value]);
  const shown = me.value?.hasPlayground === true ? [...PAGES, PLAYGROUND] : PAGES;
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <nav aria-label="Pages" class="top">
        <strong>Order saga</strong>
        {shown.map((entry) => (
          <Link key={entry.path} to={addressOf(entry.path)} current={path === entry.path}>
            {entry.name}
          </Link>
        ))}
        <Reader />
      </nav>
      <main id="content" tabIndex={-1}>
        {linkTrouble.value !== '' && (
          <p class="trouble" role="alert">
            {linkTrouble.value}
          </p>
        )}
        <Page path={path} entries={shown} />
      </main>
    </>
  );
}

/** Who is signed in, and the way out. */
function Reader(): JSX.Element | null {
  if (me.value === undefined) return null;
  const { name, roles, customerId } = me.value;
  return (
    <span class="reader">
      {name || customerId || 'not signed in'} ({roles.join(', ')}){' '}
      {token.value !== '' && (
        <button type="button" onClick={() => signIn('')}>
          Sign out
        </button>
      )}
    </span>
  );
}

function Orders(): JSX.Element {
  const own = me.value?.roles.every((role) => role === 'customer') === true ? me.value.customerId : null;
  return own === null ? <OrdersPage /> : <OwnOrdersPage customerId={own} />;
}

function Page(props: { readonly path: string; readonly entries: readonly PageEntry[] }): JSX.Element {
  const { path, entries } = props;
  const [, order] = /^\/orders\/([^/]+)$/.exec(path) ?? [];
  if (order !== undefined) return <OrderPage id={decodeURIComponent(order)} />;
  const [, bulk] = /^\/bulk\/([^/]+)$/.exec(path) ?? [];
  if (bulk !== undefined) return <BulkProgress id={decodeURIComponent(bulk)} />;
  const entry = entries.find((one) => one.path === path);
  if (me.value === undefined && meProblem.value === undefined) return <p class="hint">…</p>;
  if (entry === undefined) {
    return (
      <p>
        There is no page {path}. <Link to={addressOf('/')}>To the orders</Link>
      </p>
    );
  }
  const why = whyNotFor(entry.roles, me.value);
  return why === undefined ? entry.page() : <NotFor name={entry.name} why={why} />;
}

function NotFor({ name, why }: { readonly name: string; readonly why: string }): JSX.Element {
  return (
    <>
      <header class="page">
        <h1>{name}</h1>
      </header>
      <SignIn why={`This page is not shown: ${why}.`} />
    </>
  );
}

void takeSignInFromAddress().then(start);

function start(): void {
  startRouter();
  const root = document.getElementById('app');
  if (root === null) return;
  root.replaceChildren();
  render(<Console />, root);
}
