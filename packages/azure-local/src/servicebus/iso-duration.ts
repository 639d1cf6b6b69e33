// Parser of ISO 8601 durations as the entity definitions write them: days, hours, minutes, seconds.

const DURATION = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1000] as const;

/** Milliseconds, or undefined for what is no duration (or one in years or months, which have no fixed length). */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  return UNITS_MS.reduce((sum, unitMs, place) => sum + Number(match[place + 1] ?? 0) * unitMs, 0);
}
