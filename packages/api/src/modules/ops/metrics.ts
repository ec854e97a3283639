import { Injectable } from '@nestjs/common';
import { STREAM_KINDS, kindOf } from '@kubidu/contracts';
import type { StreamKind } from '@kubidu/contracts';
import type { AppendReport } from '@kubidu/core';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const PREFIX = 'kubidu_logs_';
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** How a follow of a service stands. */
const FOLLOW_STATES = ['following', 'waiting', 'idle'] as const;
export type FollowState = (typeof FOLLOW_STATES)[number];

/** What `lost` entries of the sources give as their reason. */
const LOST_REASONS = ['rotated', 'removed', 'before-attach', 'collector-restarted', 'not-stored', 'not-archived'];

/** What /metrics tells: every name of the reference, in a registry of its own, so that two servers in one process differ. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];
  readonly #lines = new Counter({
    name: `${PREFIX}appended_lines_total`,
    help: 'Lines stored',
    labelNames: ['kind'],
    registers: this.#registers,
  });
  readonly #bytes = new Counter({
    name: `${PREFIX}appended_bytes_total`,
    help: 'Bytes of entries stored, before the store encodes them',
    labelNames: ['kind'],
    registers: this.#registers,
  });
  readonly #appendSeconds = new Histogram({
    name: `${PREFIX}append_seconds`,
    help: 'From handing a batch to the store to its answer',
    buckets: SECONDS,
    registers: this.#registers,
  });
  readonly #collectorLag = new Histogram({
    name: `${PREFIX}collector_lag_seconds`,
    help: "From a container's writing a line, by its own clock, to its being stored",
    buckets: SECONDS,
    registers: this.#registers,
  });
  readonly #lost = new Counter({
    name: `${PREFIX}lost_lines_total`,
    help: 'Lines lost before they could be stored; a loss of unknown size counts as one',
    labelNames: ['reason'],
    registers: this.#registers,
  });
  readonly #appendRetries = new Counter({
    name: `${PREFIX}append_retries_total`,
    help: 'Appends made again because the store was away',
    registers: this.#registers,
  });
  readonly #masked = new Counter({
    name: `${PREFIX}masked_total`,
    help: 'Secrets masked before anything was stored, one for each mask in an entry',
    registers: this.#registers,
  });
  readonly #rateLimited = new Counter({
    name: `${PREFIX}rate_limited_total`,
    help: 'Requests refused because their sender had sent too many; `of` is read or ingest',
    labelNames: ['of'],
    registers: this.#registers,
  });
  readonly #delivered = new Counter({
    name: `${PREFIX}delivered_lines_total`,
    help: 'Lines written to sockets and event streams, counted for each subscriber',
    registers: this.#registers,
  });
  readonly #scanned = new Counter({
    name: `${PREFIX}scanned_lines_total`,
    help: 'Lines that a query was asked of, by subscriptions and pages; once for all who ask the same at the head of a stream',
    registers: this.#registers,
  });
  readonly #deliveryLag = new Histogram({
    name: `${PREFIX}delivery_lag_seconds`,
    help: 'From a batch being announced by the store to its being written to its readers',
    buckets: SECONDS,
    registers: this.#registers,
  });
  readonly #subscribers = new Gauge({
    name: `${PREFIX}subscribers`,
    help: 'Subscriptions now',
    labelNames: ['kind'],
    registers: this.#registers,
  });
  readonly #catchingUp = new Gauge({
    name: `${PREFIX}catching_up`,
    help: 'Subscriptions that read history, at their own pace, to come back to the head',
    registers: this.#registers,
  });
  readonly #follows = new Gauge({
    name: `${PREFIX}follows`,
    help: 'Services by how this process follows them: following, waiting (another does), idle (nobody reads)',
    labelNames: ['state'],
    registers: this.#registers,
  });
  readonly #foreignPods = new Gauge({
    name: `${PREFIX}foreign_pods`,
    help: "Pods that are ignored now: their label names another namespace's service",
    registers: this.#registers,
  });
  readonly #archiveLag: Gauge = new Gauge({
    name: `${PREFIX}archive_lag_seconds`,
    help: 'How long the oldest entry waits that is not archived; 0 where another process archives',
    registers: this.#registers,
    collect: () => this.#archiveLag.set(this.#archiveLagMs() / 1_000),
  });
  readonly #archiveFailures = new Counter({
    name: `${PREFIX}archive_failures_total`,
    help: 'Times that a stream could not be archived and was put off',
    registers: this.#registers,
  });
  readonly #builds = new Gauge({
    name: `${PREFIX}builds`,
    help: 'Builds in the queue by whether they wait for a worker or run',
    labelNames: ['state'],
    registers: this.#registers,
  });
  readonly #buildsUp = new Gauge({
    name: `${PREFIX}builds_up`,
    help: '1 while builds can run: the engine answers, or the queue where others build',
    registers: this.#registers,
  });
  readonly #storeUp = new Gauge({
    name: `${PREFIX}store_up`,
    help: '1 while the store answers',
    registers: this.#registers,
  });

  #archiveLagMs: () => number = () => 0;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const kind of STREAM_KINDS) {
      this.#lines.inc({ kind }, 0);
      this.#bytes.inc({ kind }, 0);
      this.#subscribers.set({ kind }, 0);
    }
    for (const reason of LOST_REASONS) this.#lost.inc({ reason }, 0);
    for (const state of FOLLOW_STATES) this.#follows.set({ state }, 0);
    this.#catchingUp.set(0);
    this.builds({ waiting: 0, running: 0 });
  }

  appended(kind: StreamKind, lines: number, bytes: number, tookMs: number): void {
    this.#lines.inc({ kind }, lines);
    this.#bytes.inc({ kind }, bytes);
    this.#appendSeconds.observe(tookMs / 1_000);
  }

  /** An append of a build. */
  built({ stream, lines, bytes, tookMs }: AppendReport): void {
    this.appended(kindOf(stream), lines, bytes, tookMs);
  }

  /** An append of the collector. */
  collected({ stream, lines, bytes, tookMs, writtenAt }: AppendReport): void {
    this.appended(kindOf(stream), lines, bytes, tookMs);
    // Clocks of nodes run a little ahead of ours at times.
    this.#collectorLag.observe(Math.max(0, Date.now() - Date.parse(writtenAt)) / 1_000);
  }

  appendRetried(): void {
    this.#appendRetries.inc();
  }

  lost(reason: string, lines: number): void {
    this.#lost.inc({ reason }, lines);
  }

  rateLimited(of: 'read' | 'ingest'): void {
    this.#rateLimited.inc({ of });
  }

  masked(count: number): void {
    this.#masked.inc(count);
  }

  /** Lines that a query was asked of. */
  scanned(lines: number): void {
    this.#scanned.inc(lines);
  }

  delivered(lines: number): void {
    this.#delivered.inc(lines);
  }

  deliveryLag(ms: number): void {
    this.#deliveryLag.observe(ms / 1_000);
  }

  subscribers(kind: StreamKind, change: 1 | -1): void {
    this.#subscribers.inc({ kind }, change);
  }

  catchingUp(change: 1 | -1): void {
    this.#catchingUp.inc(change);
  }

  followed(state: FollowState, change: 1 | -1): void {
    this.#follows.inc({ state }, change);
  }

  foreignPods(count: number): void {
    this.#foreignPods.set(count);
  }

  /** Asked whenever the metrics are read. */
  archiveLag(lagMs: () => number): void {
    this.#archiveLagMs = lagMs;
  }

  archiveFailed(): void {
    this.#archiveFailures.inc();
  }

  builds({ waiting, running }: { readonly waiting: number; readonly running: number }): void {
    this.#builds.set({ state: 'waiting' }, waiting);
    this.#builds.set({ state: 'running' }, running);
  }

  buildsUp(up: boolean): void {
    this.#buildsUp.set(up ? 1 : 0);
  }

  storeUp(up: boolean): void {
    this.#storeUp.set(up ? 1 : 0);
  }
}
