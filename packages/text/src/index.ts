export { durationText } from './duration-text.ts';
export { fileLine } from './file-line.ts';
export { gapLine } from './gap-line.ts';
export { messageText, shortTime } from './message-text.ts';
export { parseMoment } from './moment.ts';
export type { Clock } from './moment.ts';
export { number } from './number.ts';
export { terminalText } from './terminal-text.ts';
