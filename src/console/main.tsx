// The web console: one page that draws what the API tells. Which part of it is shown is decided by the address.
import { render, type JSX } from 'preact';
import { takeTokenFromAddress } from './api';
import { DaysPage } from './pages/days-page';
import { ActsPage } from './pages/acts-page';
import { BulkPage } from './pages/bulk-page';
import { BulkProgress } from './pages/bulk-progress';
import { InboxPage } from './pages/inbox-page';
import { LettersPage } from './pages/letters-page';
import { OrderPage } from './pages/order-page';
import { OrdersPage } from './pages/orders-page';
import { ShopPage } from './pages/shop-page';
import { addressOf, Link, place, startRouter } from './router';
import './app.css';

const PAGES = [
  ['Orders', '/'],
  ['Inbox', '/inbox'],
  ['Shop', '/shop'],
  ['Days', '/days'],
  ['Dead letters', '/letters'],
  ['Bulk', '/bulk'],
  ['Acts', '/acts'],
] as const;

function Console(): JSX.Element {
  const { path } = place.value;
  return (
    <>
      <a class="skip" href="#content">
        To the content
      </a>
      <nav aria-label="Pages" class="top">
        <strong>Order saga</strong>
        {PAGES.map(([name, to]) => (
          <Link key={to} to={addressOf(to)} current={path === to}>
            {name}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <Page path={path} />
      </main>
    </>
  );
}

function Page({ path }: { readonly path: string }): JSX.Element {
  const [, order] = /^\/orders\/([^/]+)$/.exec(path) ?? [];
  if (order !== undefined) return <OrderPage id={decodeURIComponent(order)} />;
  if (path === '/inbox') return <InboxPage />;
  if (path === '/shop') return <ShopPage />;
  if (path === '/days') return <DaysPage />;
  if (path === '/letters') return <LettersPage />;
  const [, bulk] = /^\/bulk\/([^/]+)$/.exec(path) ?? [];
  if (bulk !== undefined) return <BulkProgress id={decodeURIComponent(bulk)} />;
  if (path === '/bulk') return <BulkPage />;
  if (path === '/acts') return <ActsPage />;
  if (path === '/') return <OrdersPage />;
  return (
    <p>
      There is no page {path}. <Link to={addressOf('/')}>To the orders</Link>
    </p>
  );
}

takeTokenFromAddress();
startRouter();
const root = document.getElementById('app');
if (root !== null) {
  root.replaceChildren();
  render(<Console />, root);
}
