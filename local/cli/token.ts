// Program behind `npm run token`: prints a bearer token for the system on this machine, as the sign-in of the platform would
// give one to a user.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { signToken } from 'azure-local/kit/local-token';
import { signInKey } from 'azure-local/supervisor/sign-in-key';

const ROLES = ['service', 'operator', 'approver', 'reader'];

const USAGE = `Usage: npm run --silent token -- [flags]
  --customer <id>   a customer, who sees their own orders
  --role <role>     ${ROLES.join(', ')}; repeatable, also beside --customer
  --tenant <id>     the tenant; without it the only one there is
  --name <name>     for the audit trail (the customer, or the first role)
  --hours <n>       how long it is valid (12)
  --data <folder>   for the system that runs there (.local)
Use it as:  curl -H "Authorization: Bearer $(npm run --silent token -- --customer cust-1)" http://127.0.0.1:7071/api/…`;

const FLAGS = {
  customer: { type: 'string' },
  role: { type: 'string', multiple: true, default: [] as string[] },
  tenant: { type: 'string' },
  name: { type: 'string' },
  hours: { type: 'string', default: '12' },
  data: { type: 'string', default: '.local' },
  help: { type: 'boolean', default: false },
} as const;

const HOUR_MS = 3_600_000;

function tokenOf(args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  if (values.help) return USAGE;
  const { customer, role: roles, tenant, hours } = values;
  const name = values.name ?? customer ?? roles[0];
  if (name === undefined) throw new Error('Say who it is for: --customer <id> or --role <role>.');
  const odd = roles.find((role) => !ROLES.includes(role));
  if (odd !== undefined) throw new Error(`--role ${odd} is none of ${ROLES.join(', ')}.`);
  if (!(Number(hours) > 0)) throw new Error(`--hours ${hours} is not a number above 0.`);
  const claims = {
    name,
    roles,
    ...(customer === undefined ? {} : { customer_id: customer }),
    ...(tenant === undefined ? {} : { tenant_id: tenant }),
  };
  return signToken(signInKey(path.resolve(values.data)), claims, Date.now() + Number(hours) * HOUR_MS);
}

try {
  console.log(tokenOf(process.argv.slice(2)));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}
