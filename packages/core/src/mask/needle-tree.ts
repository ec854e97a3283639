import { LogsError } from '../logs-error.ts';

/** What is found: forms of secrets, which may be spread over lines, and what known shapes begin with. */
export interface Needles {
  /** Without line breaks. */
  readonly forms: Iterable<string>;
  /** Told apart by their places in the list. None is the end of another one, nor are there two of the same. */
  readonly anchors: readonly string[];
}

/** The needles as a tree of their characters, its nodes numbered breadth first from the root, 0. */
export interface NeedleTree {
  readonly count: number;
  /** Nodes of a depth of at most 2: where most of any text is. */
  readonly shallow: number;
  /** On the way to each node; that of the root means nothing. */
  readonly characters: Uint16Array;
  readonly parents: Int32Array;
  /** Children of node n are those from here up to the first of n + 1. */
  readonly firstChild: Int32Array;
  /** Length of the form that ends at each node; 0 for none. */
  readonly found: Int32Array;
  /** Depth of each node on the way to the end of a form; 0 of the others. */
  readonly begun: Int32Array;
  /** The anchor that ends at each node; -1 for none. */
  readonly anchors: Int16Array;
}

/** Most nodes, of which each takes about 30 bytes while the tree is made: forms of some 100 KiB of secrets. */
const MOST_NODES = 4_000_000;
const SHALLOW = 2;

interface Needle {
  readonly text: string;
  readonly anchor: number;
}

/** @throws {LogsError} PAYLOAD_TOO_LARGE where the forms have more than 4,000,000 characters */
export function growNeedles({ forms, anchors }: Needles): NeedleTree {
  const needles: Needle[] = Array.from(forms, (text) => ({ text, anchor: -1 }));
  needles.push(...anchors.map((text, anchor) => ({ text, anchor })));
  needles.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  const most = 1 + needles.reduce((sum, { text }) => sum + text.length, 0);
  if (most > MOST_NODES)
    throw new LogsError(
      'PAYLOAD_TOO_LARGE',
      `the secrets are too long to be masked: ${most} characters in all their forms, at most ${MOST_NODES}`,
    );
  return grow(needles, most);
}

/** Sorted, the needles below a node are a range of the list, from `low` up to `high`: no node needs a map of its children. */
function grow(needles: readonly Needle[], most: number): NeedleTree {
  const ints = () => new Int32Array(most + 1);
  const [parents, firstChild, found, begun, low, high] = [ints(), ints(), ints(), ints(), ints(), ints()] as const;
  const characters = new Uint16Array(most);
  const anchors = new Int16Array(most).fill(-1);
  high[0] = needles.length;
  let count = 1;
  let shallow = 1;
  for (let node = 0, depth = 0, levelEnd = 1; node < count; node++) {
    if (node === levelEnd) {
      depth++;
      levelEnd = count;
    }
    firstChild[node] = count;
    const until = high[node] ?? 0;
    let at = low[node] ?? 0;
    // What ends here comes first: a form, an anchor, or both.
    for (let needle = needles[at]; at < until && needle?.text.length === depth; needle = needles[++at]) {
      if (needle.anchor >= 0) anchors[node] = needle.anchor;
      else found[node] = depth;
    }
    while (at < until) {
      const character = needles[at]?.text.charCodeAt(depth) ?? 0;
      parents[count] = node;
      characters[count] = character;
      low[count] = at;
      for (let needle = needles[at]; at < until && needle?.text.charCodeAt(depth) === character; needle = needles[++at])
        if (needle.anchor === -1 && needle.text.length > depth + 1) begun[count] = depth + 1;
      high[count++] = at;
    }
    if (depth < SHALLOW) shallow = count;
  }
  firstChild[count] = count;
  return { count, shallow, characters, parents, firstChild, found, begun, anchors };
}
