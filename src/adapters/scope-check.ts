// What a store does when it is asked to write what is outside the caller's scope (S19). Reads find nothing instead.
import { isWithin, type Owner, type Scope } from '../domain/scope';
import { TerminalError } from '../errors';

/** Throws OUT_OF_SCOPE unless what belongs to `owner` is in the scope: whoever writes has read it, in that scope. */
export function requireWithin(scope: Scope, owner: Owner, what: string): void {
  if (!isWithin(scope, owner))
    throw new TerminalError('OUT_OF_SCOPE', `${what} is not in the scope of who writes it`);
}
