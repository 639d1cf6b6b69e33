// Lines that `npm start` prints last before it is ready: the console's address, with a sign-in that is good once.
import { signInCode } from 'azure-local/host/sign-in-link';
import { signInKey } from 'azure-local/supervisor/sign-in-key';

/** Whoever started the system may do everything in it. */
const OWNER = { name: 'local operator', roles: ['operator', 'approver', 'reader'] };

/** The code stands behind `#`, which no server and no log sees. */
export function consoleLink(api: string, dataDir: string): string[] {
  const code = signInCode(signInKey(dataDir), OWNER, Date.now());
  return [
    'Console, signed in (good once; then npm run token -- --role operator):',
    `  ${api}/api/ui#code=${code}`,
    '',
  ];
}
