import { HOST_IS_LITTLE_ENDIAN } from '../message/byte-order.js';

/** The instructions of a classic BPF program (linux/filter.h) that are used here. */
export const FILTER = {
  /** Loads the byte or half word at an offset. The kernel reads the half word in network order. */
  loadByte: 0x30 /* BPF_LD | BPF_B | BPF_ABS */,
  loadHalf: 0x28 /* BPF_LD | BPF_H | BPF_ABS */,
  /** Compares with the operand. Then it skips instructions: `skipIfEqual` or `skipUnlessEqual` of them. */
  compare: 0x15 /* BPF_JMP | BPF_JEQ | BPF_K */,
  /** Ends the program. The operand is the number of bytes that are queued; 0 drops the message. */
  queue: 0x06 /* BPF_RET | BPF_K */,
} as const;

/** The operand of {@link FILTER.queue} that queues all of a message. */
export const WHOLE_MESSAGE = 0xffffffff;

type Instruction = readonly [code: number, operand: number, skipIfEqual?: number, skipUnlessEqual?: number];

/** `struct sock_filter`: code, both jumps, operand. */
const INSTRUCTION_BYTES = 8;

/** The bytes of a program, for a socket's option `filter`. */
export function encodeFilter(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, operand, skipIfEqual = 0, skipUnlessEqual = 0], index) => {
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, HOST_IS_LITTLE_ENDIAN);
    view.setUint8(at + 2, skipIfEqual);
    view.setUint8(at + 3, skipUnlessEqual);
    view.setUint32(at + 4, operand, HOST_IS_LITTLE_ENDIAN);
  });
  return bytes;
}

/**
 * `struct sock_fprog`, the value of `SO_ATTACH_FILTER`: the number of instructions, and a pointer to them. The kernel copies them
 * during the call.
 */
export function filterProgram(filter: Uint8Array, address: bigint, pointerBytes: number): Uint8Array {
  const bytes = new Uint8Array(2 * pointerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, filter.length / INSTRUCTION_BYTES, HOST_IS_LITTLE_ENDIAN);
  if (pointerBytes === 4) view.setUint32(4, Number(address), HOST_IS_LITTLE_ENDIAN);
  else view.setBigUint64(8, address, HOST_IS_LITTLE_ENDIAN);
  return bytes;
}
