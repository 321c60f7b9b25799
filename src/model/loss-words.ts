import type { Losses } from './losses.js';

function connections(number: number): string {
  return `${number} connection${number === 1 ? '' : 's'}`;
}

/** What may be missing from the totals: phrases that follow those words; empty where nothing is. */
export function lossesInWords(losses: Losses): string[] {
  const { endedUnseen, eventLosses, resynchronisations, unknownConnections, missesShortConnections } = losses;
  const sentences: string[] = [];
  if (eventLosses > 0) {
    sentences.push(
      `short connections when events were lost (${eventLosses}x, resynchronised ${resynchronisations}x)`,
    );
  }
  if (endedUnseen > 0) sentences.push(`the last bytes of ${connections(endedUnseen)} that ended unseen`);
  if (unknownConnections > 0)
    sentences.push(`the bytes of ${connections(unknownConnections)} without counters`);
  if (missesShortConnections) sentences.push('connections shorter than the interval (there are no events)');
  return sentences;
}
