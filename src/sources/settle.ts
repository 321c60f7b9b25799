import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.js';

/** How many dumps in a row may settle what the last one left open. */
const MOST_ROUNDS = 5;

/** Takes rounds until nothing is open, `milliseconds` apart. */
export async function settle(
  round: () => Promise<void>,
  accounting: { readonly needsDump: boolean },
  milliseconds = 0,
): Promise<void> {
  await round();
  for (let rounds = 1; accounting.needsDump && rounds < MOST_ROUNDS; rounds++) {
    await sleep(milliseconds);
    await round();
  }
}

/** The account, once its base is known; closed where that fails. */
export async function started<Started extends Account>(
  account: Started,
  findBase: () => Promise<void>,
): Promise<Started> {
  try {
    await findBase();
    return account;
  } catch (error) {
    await account.close();
    throw error;
  }
}
