import { parentPort, workerData } from 'node:worker_threads';
import type { FuzzOptions } from '../support/options.js';
import { fuzzMutatedLines } from './mutated-lines.js';
import { realLines } from './real-lines.js';

// Errors are made without stacks, which take longer than the parsing.
Error.stackTraceLimit = 0;
parentPort?.postMessage(fuzzMutatedLines(realLines(), workerData as FuzzOptions));
