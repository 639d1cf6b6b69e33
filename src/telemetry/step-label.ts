// Label of a step in metrics and spans: without the number of its entry, of which there may be any number (S14).
export function stepLabel(entry: string): string {
  return entry.split(':', 1)[0] ?? entry;
}
