// Validation of ids that come from outside, before they become keys. Pure; called by fields.ts.
//
// Ids of customers, tenants and orders stand in paths, so they are made of characters that no proxy, router or client
// decodes, folds or cuts: `a/b`, `..` and `a%2Fb` could be ordered for and never be asked for. Ids of products stand in no
// path of this app.

export const PATH_ID = /^[A-Za-z0-9_.:~-]{1,64}$/;
const PATH_ID_RULE =
  'must have 1 to 64 characters, each an ASCII letter, a digit or one of - _ . : ~, and not be "." or ".."';
const NO_ADDRESS =
  'an e-mail address is no id: it is personal data, and ids stand in addresses and logs. Send the id of the account; an ' +
  'address belongs in a field `contact`, which this version does not take yet';

/** Why `id` cannot be the id of a customer, a tenant or an order; undefined when it can. */
export function pathIdProblem(id: string): string | undefined {
  if (PATH_ID.test(id) && id !== '.' && id !== '..') return undefined;
  return id.includes('@') ? `${PATH_ID_RULE}; ${NO_ADDRESS}` : PATH_ID_RULE;
}

export const MAX_PRODUCT_ID = 128;
/** Control characters, line and paragraph separators, and halves of surrogate pairs, which UTF-8 does not have. */
const NOT_PRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Why `id` cannot be the id of a product; undefined when it can. */
export function productIdProblem(id: string): string | undefined {
  const isProductId = id !== '' && id.length <= MAX_PRODUCT_ID && id.trim() === id && !NOT_PRINTABLE.test(id);
  return isProductId
    ? undefined
    : `must have 1 to ${MAX_PRODUCT_ID} printable characters, and not begin or end with a space`;
}
