/** Colours and other control sequences of terminals: CSI, OSC, and the two-character ones (ECMA-48, 5.3 and 5.4). */
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])/g;

/** A message as it looks on a terminal, without the sequences that colour it: queries look at this. */
export function plainText(message: string): string {
  return message.includes('\x1b') ? message.replace(SEQUENCE, '') : message;
}
