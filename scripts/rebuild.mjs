// Program behind `npm run rebuild -- <projection>`: has a running app, here or in Azure, build a read model anew, and
// reports the result.
import { parseArgs } from 'node:util';
import './past-proxies.mjs';

const USAGE = `Usage: npm run rebuild -- <projection> [flags]
  projection        customer-orders or daily-stats
  --url <url>       the app (http://127.0.0.1:7071)
  --token <token>   the operator token that npm start prints (OPERATOR_TOKEN)
  --tenant <id>     whose read model, where several tenants are listed (TENANT_ID)`;

const FLAGS = {
  url: { type: 'string', default: 'http://127.0.0.1:7071' },
  token: { type: 'string', default: process.env.OPERATOR_TOKEN ?? '' },
  tenant: { type: 'string', default: process.env.TENANT_ID ?? '' },
  help: { type: 'boolean', default: false },
};

/** An operator token is of no tenant: where several are listed, the request names one. */
const headersOf = ({ token, tenant }) => ({
  ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
  ...(tenant === '' ? {} : { 'x-tenant-id': tenant }),
});

async function main() {
  const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  const [projection] = positionals;
  if (values.help || projection === undefined) {
    console.log(USAGE);
    return values.help ? 0 : 1;
  }
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1_000).toFixed(0);
  const ticking = setInterval(() => console.log(`  ${seconds()} s: reading events …`), 5_000);
  try {
    console.log(`Rebuilding ${projection} at ${values.url}; orders go on meanwhile.`);
    const response = await fetch(
      new URL(`/api/ops/projections/${encodeURIComponent(projection)}/rebuild`, values.url),
      { method: 'POST', headers: headersOf(values) },
    );
    const answer = await response.json();
    if (!response.ok) {
      console.error(
        `Not rebuilt: ${answer.detail ?? response.status} (${answer.code}). Running it again is safe.`,
      );
      return 1;
    }
    const rate = Math.round(answer.events / Math.max(0.001, answer.durationMs / 1_000));
    console.log(
      `Rebuilt from ${answer.orders} orders, ${answer.events} events, in ${answer.durationMs} ms: ${rate} events/s`,
    );
    return 0;
  } finally {
    clearInterval(ticking);
  }
}

main().then(
  (exitCode) => (process.exitCode = exitCode),
  (error) => {
    console.error(`${error.cause?.message ?? error.message}\n\n${USAGE}`);
    process.exitCode = 1;
  },
);
