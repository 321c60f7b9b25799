import type { Losses } from '../accounting/losses.js';

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What may be missing from the totals, in words; empty where nothing is. */
export function lossesInWords(losses: Losses): string[] {
  const { endedUnseen, eventLosses, resynchronisations, unknownConnections, missesShortConnections } = losses;
  const sentences: string[] = [];
  if (eventLosses > 0) {
    const repaired =
      resynchronisations >= eventLosses ? 'a dump made up for it' : 'a dump will make up for it';
    sentences.push(
      `the kernel lost events ${count(eventLosses, 'time')} (${repaired}; connections that came and went meanwhile are missing)`,
    );
  }
  if (endedUnseen > 0) {
    sentences.push(`${count(endedUnseen, 'connection')} ended unseen: the last bytes are missing`);
  }
  if (unknownConnections > 0) {
    sentences.push(`${count(unknownConnections, 'connection')} without counters: bytes unknown (-)`);
  }
  if (missesShortConnections) {
    sentences.push('no events: connections shorter than the interval are missed');
  }
  return sentences;
}
