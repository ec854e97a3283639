import { isReset, RESET, TOKEN } from './control-tokens.ts';

/** What stands in two columns of a terminal: East Asian wide characters and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** What stands on the character before it. */
const COMBINING = /^(?:\p{M}|\u200d|\ufe0f)/u;

/** Longest run of colours kept for one cell; a longer one is cut to its last. */
const STYLE = 128;

/** One line of a terminal, written to as a terminal is. */
class TerminalLine {
  /** '' is the right half of a wide character. */
  readonly #cells: string[] = [];
  readonly #styles: string[] = [];
  #column = 0;
  style = '';

  write(text: string): void {
    for (const character of text) {
      const before = this.#column - 1;
      if (COMBINING.test(character) && before >= 0) {
        const at = this.#cells[before] === '' ? before - 1 : before;
        this.#cells[at] += character;
      } else {
        this.#put(character);
        if (WIDE.test(character)) this.#put('');
      }
    }
  }

  /** To column `column`, counted from 0; never beyond what was written. */
  moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, this.#cells.length));
  }

  back(): void {
    this.moveTo(this.#column - 1);
  }

  /** Erases to the right (0) or everything (2). To the left (1) is rare, and on hostile lines not linear. */
  erase(what: number): void {
    if (what === 0) this.#cut(Math.min(this.#column, this.#cells.length));
    else if (what === 2) this.#cut(0);
  }

  toString(colours: boolean): string {
    let text = '';
    let style = '';
    for (let at = 0; at < this.#cells.length; at++) {
      const cell = this.#cells[at] ?? ' '; // erased, and written beyond
      const next = (colours ? this.#styles[at] : undefined) ?? '';
      if (next !== style && cell !== '') {
        text += (style === '' ? '' : RESET) + next;
        style = next;
      }
      text += cell;
    }
    return style === '' ? text.trimEnd() : text + RESET;
  }

  #put(cell: string): void {
    this.#halve(this.#column, cell);
    this.#set(this.#column++, cell, this.style);
  }

  /** Half of a wide character that is written over leaves a blank. */
  #halve(at: number, cell: string): void {
    if (cell === '') {
      if (this.#cells[at + 1] === '') this.#cells[at + 1] = ' ';
      return;
    }
    if (this.#cells[at] === '') this.#cells[at - 1] = ' ';
    if (this.#cells[at + 1] === '') this.#cells[at + 1] = ' ';
  }

  #cut(length: number): void {
    this.#cells.length = length;
    this.#styles.length = length;
  }

  #set(at: number, cell: string, style: string): void {
    this.#cells[at] = cell;
    this.#styles[at] = style;
  }
}

/** What a terminal shows in the end of a line that goes back over itself: the last state of a progress bar. */
export function lastState(message: string, colours: boolean): string {
  const line = new TerminalLine();
  let at = 0;
  for (const match of message.matchAll(TOKEN)) {
    line.write(message.slice(at, match.index));
    at = match.index + match[0].length;
    const { colour, move, number, control } = match.groups ?? {};
    if (colour !== undefined) line.style = isReset(colour) ? '' : styled(line.style, colour);
    else if (move === 'K') line.erase(Number(number));
    else if (move === 'G') line.moveTo(Number(number) - 1);
    else if (control === '\r') line.moveTo(0);
    else if (control === '\b') line.back();
  }
  line.write(message.slice(at));
  return line.toString(colours);
}

function styled(style: string, colour: string): string {
  return style.length + colour.length > STYLE ? colour : style + colour;
}
