// Security headers of every HTTP answer, for http.ts and the console. An answer that names one of them itself keeps its own.

/** The media type is what it is said to be, and no address with an order's id in it goes to another site. */
export const COMMON_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const;

/** An answer of the API is data for the one who asked: no cache keeps it, and a browser makes no page of it. */
export const API_HEADERS = {
  ...COMMON_HEADERS,
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;
