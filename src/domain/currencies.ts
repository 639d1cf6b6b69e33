// Table of the decimals of each currency: ISO 4217, list one as published on 2024-06-25, and what was added to it since. A table
// of our own and not the runtime's locale data, which differs from one Node release to the next (HUF: 0 or 2 decimals),
// because stored amounts are integers that mean nothing without it. Metals, funds of account and test codes have no minor
// unit, so nothing is priced in them.
//
// currencies.C1  The decimals of a code never change, and no code is taken out when it is withdrawn: stored orders are
//   in it.

/** The edition of list one that `LISTED` is (a test compares). */
export const ISO_4217_EDITION = '2024-06-25';

const LISTED: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN
    QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD
    TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/** Since that edition: the Caribbean guilder (in use from 2025-03-31) and the Arab accounting dinar (2025-05-12). */
export const ADDED_SINCE: Readonly<Record<number, string>> = { 2: 'XCG XAD' };

/** Decimals by code. */
export const CURRENCY_DIGITS: ReadonlyMap<string, number> = new Map(
  [LISTED, ADDED_SINCE].flatMap((table) =>
    Object.entries(table).flatMap(([digits, codes]) =>
      codes
        .trim()
        .split(/\s+/)
        .map((code) => [code, Number(digits)] as const),
    ),
  ),
);
