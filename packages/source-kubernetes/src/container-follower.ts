import { setTimeout as sleep } from 'node:timers/promises';

import type { SourceWriter } from '@kubidu/core';

import { ApiError, isNotFound } from './api-server.ts';
import { ContainerLog } from './container-log.ts';
import { decodeCursor } from './cursor.ts';
import { Delivery, SinkError } from './delivery.ts';
import { Track } from './position.ts';
import { StreamReader } from './stream-reader.ts';
import { retryDelay } from './timing.ts';
import type { LogAccess } from './container-log.ts';
import type { Instance } from './pod.ts';
import type { PodView } from './pod-view.ts';
import type { StreamEnd } from './stream-reader.ts';

/** One instance of a container, and where its lines go. */
export interface Target {
  readonly pod: PodView;
  readonly container: string;
  readonly image: string;
  /** As it was when it was first seen. */
  readonly instance: Instance;
  /** Opens the writer; called once, and only when there is something to follow. */
  readonly open: () => SourceWriter;
  /** Where its following stopped before. */
  readonly cursor: string | undefined;
  /** Output that is known to have been there and can no longer be had. */
  readonly lostBefore: boolean;
}

/** Least size of a log file before a kubelet rotates it, for files that are rotated at all. */
const JUMP_BYTES = 128 * 1024;

/** Told as the reason of a `lost` event. */
const ROTATED = 'rotated';
const REMOVED = 'removed';
const BEFORE_ATTACH = 'before-attach';

/**
 * Follows one instance of a container from its start, or from where anybody stopped, to its end: started, each line
 * once and in order, exited. The end of a stream is never the end of the container: that the pod's status says.
 */
export class ContainerFollower {
  readonly #access: LogAccess;
  readonly #target: Target;
  readonly #log: ContainerLog;
  #delivery!: Delivery;
  /** A loss was told and nothing taken since: the next stream is taken from behind the last line on. */
  #onlyNewer = false;
  /** The log can no longer be had. */
  #gone = false;
  /** Since when whoever has the log says that there is none. */
  #refusedSince: number | undefined;
  /** A request failed since the last line was taken: what is known of the pod may lag behind the log. */
  #wasAway = false;
  #lastEnd: StreamEnd | undefined;
  /** The last stream was ended by the kubelet, as it does at the end of a log, and nothing failed since. */
  #readOut = false;

  constructor(access: LogAccess, target: Target) {
    this.#access = access;
    this.#target = target;
    this.#log = new ContainerLog(access, target.pod.pod, target.container);
  }

  /** Resolves once the instance is read to its end, or the signal aborts. @throws {SinkError} */
  async run(signal: AbortSignal): Promise<void> {
    const { instance, cursor: text, lostBefore } = this.#target;
    const known = decodeCursor(text);
    if (known?.phase === 'exited') return;
    const { namespace, name: podName } = this.#target.pod.pod;
    const { containerId } = instance;
    const cursor = known ?? { phase: 'started', containerId, namespace, podName, track: new Track() };
    this.#delivery = new Delivery(this.#target.open(), cursor, JUMP_BYTES);
    try {
      if (!known) await this.#tellStart(lostBefore, signal);
      await this.#follow(signal);
      if (!signal.aborted) await this.#drain(signal);
      if (!signal.aborted) await this.#tellEnd(signal);
    } catch (error) {
      if (!signal.aborted || error instanceof SinkError) throw error;
    } finally {
      this.#delivery.send();
    }
    if (!signal.aborted) await this.#delivery.flush();
  }

  async #tellStart(lostBefore: boolean, signal: AbortSignal): Promise<void> {
    const { instance, pod, container, image } = this.#target;
    const { restart, startedAt } = instance;
    // Before the stream is opened: what is rotated later we are there to see.
    const rotated = await this.#access.rotated.exist(pod.pod, container, restart, signal);
    signal.throwIfAborted();
    const lost = { type: 'lost', reason: BEFORE_ATTACH, podName: pod.pod.name, container } as const;
    if (lostBefore) this.#delivery.event(lost);
    this.#delivery.event({ type: 'container-started', restart, ...(image !== '' && { image }) }, startedAt);
    if (rotated) this.#delivery.event(lost);
  }

  async #tellEnd(signal: AbortSignal): Promise<void> {
    const { pod, instance } = this.#target;
    const { watchMs, headMs } = this.#access.timing;
    // A watch that fell silent is taken up where it was, and then tells how a pod that is long gone ended.
    const deadline = Date.now() + 2 * watchMs + headMs;
    while (!pod.settled && pod.exitOf(instance.containerId) === undefined && Date.now() < deadline && !signal.aborted)
      await pod.changed(deadline - Date.now(), signal);
    if (signal.aborted) return;
    const exit = pod.exitOf(instance.containerId);
    if (!exit) return;
    const { finishedAt, ...ending } = exit;
    const event = { type: 'container-exited', ...ending, restart: instance.restart } as const;
    this.#delivery.event(event, finishedAt);
  }

  get #running(): boolean {
    const { pod, instance } = this.#target;
    return !pod.deleted && pod.exitOf(instance.containerId) === undefined;
  }

  /** Streams, one after the other, while the instance runs. */
  async #follow(signal: AbortSignal): Promise<void> {
    for (let tries = 0; this.#running && !signal.aborted;) {
      // Its end was never seen, and two came after it: a status that lags behind would be right a moment later.
      if (this.#previous === undefined) await this.#confirm(signal);
      if (this.#previous === undefined) return;
      const before = this.#delivery.taken;
      const end = await this.#stream(signal);
      this.#lastEnd = end;
      if (signal.aborted) return;
      if (end === 'moved' || end === 'again' || end === 'jump') await this.#relocate(signal);
      if (this.#delivery.taken > before || end === 'renew') tries = 0;
      // At once after a stream that worked; else the longer, the longer it does not.
      if (tries++ > 0) await this.#target.pod.changed(retryDelay(tries, this.#access.timing.retryMs), signal);
    }
  }

  async #stream(signal: AbortSignal): Promise<StreamEnd> {
    const { pod } = this.#target;
    const position = this.#delivery.track.position;
    if (this.#lastEnd !== undefined && position === undefined) await this.#confirm(signal);
    if (!this.#running) return 'clean';
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const watching = this.#endWhenOver(ended, either);
    try {
      const since = position?.since;
      const query = { previous: false, follow: true, since };
      const reader = this.#reader(false, since);
      const end = await this.#counting(() =>
        this.#log.open(query, either).then((intake) => reader.read(intake, either)),
      );
      this.#readOut = end === 'clean' && reader.strange === undefined && (reader.found || this.#readOut);
      return end;
    } catch (error) {
      if (error instanceof SinkError) throw error;
      if (isNotFound(error)) await pod.refresh(signal);
      else {
        this.#readOut = false;
        this.#wasAway = true;
      }
      return 'broken';
    } finally {
      ended.abort();
      await watching;
    }
  }

  /** Once lines were taken after a loss, the place behind them can be found again. */
  async #counting(read: () => Promise<StreamEnd>): Promise<StreamEnd> {
    const before = this.#delivery.taken;
    const end = await read();
    if (this.#delivery.taken > before) this.#onlyNewer = this.#wasAway = false;
    return end;
  }

  #reader(previous: boolean, since: string | undefined): StreamReader {
    const { timing } = this.#access;
    return new StreamReader({
      log: this.#log,
      delivery: this.#delivery,
      timing,
      previous,
      since,
      onlyNewer: this.#onlyNewer,
    });
  }

  /** A stream should end when its container has. One that does not is ended, and the rest is read without it. */
  async #endWhenOver(ended: AbortController, signal: AbortSignal): Promise<void> {
    while (this.#running && !signal.aborted) await this.#target.pod.changed(Infinity, signal);
    await sleep(this.#access.timing.drainMs, undefined, { signal }).catch(() => undefined);
    ended.abort();
  }

  /**
   * The API server cannot be asked for the log of a certain instance: after a restart that its status does not show yet,
   * "the" log is the next instance's. Waits until the status must show it.
   */
  async #confirm(signal: AbortSignal): Promise<void> {
    await this.#target.pod.changed(this.#access.timing.statusLagMs, signal);
    await this.#target.pod.refresh(signal);
  }

  /** The file does not begin where it did, or does not go on as it should: finds our place in it, or tells what is lost. */
  async #relocate(signal: AbortSignal): Promise<void> {
    const position = this.#delivery.track.position;
    const previous = this.#previous;
    if (!position || previous === undefined) return;
    const search = await this.#log.search(position, previous, signal).catch(() => undefined);
    if (!search?.first) return;
    if (search.count !== undefined) {
      this.#delivery.track.recount(search.count, search.first.timestamp);
      this.#delivery.settle(search.after);
      return;
    }
    // Not there: it was rotated away, or the container was restarted and this is the next instance's log already.
    const before = previous ? undefined : await this.#log.search(position, true, signal).catch(() => undefined);
    if (before?.count !== undefined) return this.#confirm(signal);
    if (!(await this.#isStill(previous, signal))) return;
    this.#tellRotated();
    this.#delivery.settle(search.first);
  }

  /** Whether the log is still that of our instance, when what happened while the API server was away is known. */
  async #isStill(previous: boolean, signal: AbortSignal): Promise<boolean> {
    const { catchUpMs, retryMs } = this.#access.timing;
    const ran = this.#running;
    const deadline = Date.now() + (this.#wasAway ? catchUpMs : 0);
    const lags = (): boolean => this.#previous === previous && this.#running === ran && !signal.aborted;
    while (lags() && Date.now() < deadline) {
      await this.#target.pod.changed(retryMs, signal);
      await this.#target.pod.refresh(signal);
    }
    this.#wasAway = false;
    return lags();
  }

  /** Lines behind the last one taken may be in a file that nobody can read any more. */
  #tellRotated(): void {
    if (this.#onlyNewer) return;
    this.#onlyNewer = true;
    const delivery = this.#delivery;
    // Nothing of an idle container is lost when its file is rotated and its stream renewed.
    if (delivery.idle && this.#lastEnd === 'renew') return;
    // How many they were nobody knows: a number would be a guess.
    delivery.event({
      type: 'lost',
      reason: ROTATED,
      podName: this.#target.pod.pod.name,
      container: this.#target.container,
    });
  }

  /** Whether the log is that of `previous=true`; undefined when neither is ours. */
  get #previous(): boolean | undefined {
    return this.#target.pod.instance(this.#target.instance.containerId)?.previous;
  }

  /** Reads what is left of an instance that ended, until nothing new comes or nothing can be had. */
  async #drain(signal: AbortSignal): Promise<void> {
    for (let tries = 0; !signal.aborted && !this.#gone; tries++) {
      if (await this.#drainOnce(signal)) return;
      if (this.#gone || signal.aborted) break;
      await this.#target.pod.changed(retryDelay(tries, this.#access.timing.retryMs), signal);
    }
    if (!signal.aborted) this.#tellRemoved();
  }

  /** Whether the log was read to its end. */
  async #drainOnce(signal: AbortSignal): Promise<boolean> {
    const previous = this.#previous;
    this.#gone = previous === undefined;
    if (previous === undefined) return false;
    const position = this.#delivery.track.position;
    try {
      const since = position?.since;
      const reader = this.#reader(previous, since);
      const end = await this.#counting(() =>
        this.#log.open({ previous, since }, signal).then((intake) => reader.readToEnd(intake, signal)),
      );
      await this.#delivery.ready();
      if (end === 'moved' || end === 'again' || end === 'jump') await this.#relocate(signal);
      // A log that was removed is answered with the kubelet's own words.
      if (reader.strange !== undefined && end === 'clean') await this.#refused(signal);
      if (end !== 'clean' || reader.strange !== undefined) return false;
      if (await this.#isSetBack(previous, since, signal)) return false;
      if (!reader.found && !this.#readOut) this.#tellRotated();
      return true;
    } catch (error) {
      if (error instanceof SinkError) throw error;
      if (error instanceof ApiError && error.httpStatus < 500) await this.#refused(signal);
      else this.#wasAway = true;
      return false;
    }
  }

  /** Whether the log ends with lines stamped before `since` by a clock that was set back: these were not sent. */
  async #isSetBack(previous: boolean, since: string | undefined, signal: AbortSignal): Promise<boolean> {
    if (since === undefined) return false;
    const newest = await this.#log.newest(previous, signal);
    if (!newest || newest.timestamp >= since) return false;
    this.#delivery.track.clockWasSetBack();
    return true;
  }

  /** Whoever has the log says that there is none: that may be a fault, or the truth if it goes on. */
  async #refused(signal: AbortSignal): Promise<void> {
    const { pod, instance } = this.#target;
    await pod.refresh(signal);
    this.#refusedSince ??= Date.now();
    const believed = Date.now() - this.#refusedSince >= this.#access.timing.refusedMs;
    this.#gone = pod.deleted || pod.instance(instance.containerId) === undefined || believed;
  }

  /** The log went before it was read again: a loss, unless the last stream had been read to its end. */
  #tellRemoved(): void {
    if (this.#readOut) return;
    const { pod, container } = this.#target;
    this.#delivery.event({ type: 'lost', reason: REMOVED, podName: pod.pod.name, container });
  }
}
