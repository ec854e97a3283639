/** What suites need, each brought up or looked for once, and some of it while other suites still run. */
export class Needs {
  /** @type {Readonly<Record<string, () => Promise<string | undefined>>>} */ #provide;
  /** @type {Map<string, Promise<string | undefined>>} */ #met = new Map();

  /**
   * @param {Readonly<Record<string, () => Promise<string | undefined>>>} provide brings up the need of that name; what
   *   it resolves with is why it cannot be had
   */
  constructor(provide) {
    this.#provide = provide;
  }

  /**
   * Begins to bring these up, one after the other: two at once would wait for each other's lock of apt.
   * What goes wrong is told to who asks for it with {@link missing}.
   * @param {readonly string[]} names
   * @returns {Promise<unknown>} resolves when that is over, whatever came of it
   */
  ahead(names) {
    /** @type {Promise<unknown>} */
    let before = Promise.resolve();
    for (const name of names) {
      const after = before;
      before = Promise.allSettled([this.#meet(name, () => after)]);
    }
    return before;
  }

  /**
   * @param {readonly string[]} names
   * @returns {Promise<string | undefined>} why one of them cannot be had
   * @throws {Error} when one could be had, and could not be brought up
   */
  async missing(names) {
    for (const name of names) {
      const why = await this.#meet(name);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** Resolves when nothing is being brought up any more, whatever came of it. */
  async settled() {
    await Promise.allSettled(this.#met.values());
  }

  /** @type {(name: string, begin?: () => Promise<unknown>) => Promise<string | undefined>} */
  #meet(name, begin = () => Promise.resolve()) {
    const known = this.#met.get(name);
    if (known !== undefined) return known;
    const provide = this.#provide[name] ?? (() => Promise.resolve(`nothing provides ${name}`));
    const met = begin().then(provide);
    this.#met.set(name, met);
    return met;
  }
}
