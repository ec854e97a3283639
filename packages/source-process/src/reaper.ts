import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * A shell that outlives us for a moment, if we die without a chance to end our children (kill -9, out of memory): its
 * input then ends, and it ends the process groups that it was told of: SIGTERM, and SIGKILL a second later. Node cannot
 * ask the kernel for a signal at the parent's death, and that would be Linux only and miss grandchildren.
 */
export class Reaper {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;
  #closing = false;

  /** Has the group ended should we die; resolves when that is certain. */
  async add(group: number): Promise<void> {
    this.#groups.add(group);
    await this.#tell(`add ${group}\n`);
  }

  /** The group is gone; its number may soon be somebody else's. */
  async remove(group: number): Promise<void> {
    if (this.#groups.delete(group)) await this.#tell(`remove ${group}\n`);
  }

  /** Ends the shell, and with it any group not removed. */
  async close(): Promise<void> {
    this.#closing = true;
    const shell = this.#shell;
    if (!shell || shell.exitCode !== null || shell.signalCode !== null) return;
    const exited = once(shell, 'exit');
    shell.stdin?.end();
    await exited;
  }

  async #tell(line: string): Promise<void> {
    const shell = this.#shell ?? this.#start();
    // Once the kernel has the line our death cannot lose it. An error means that the shell died: its successor knows.
    await new Promise<void>((resolve) => shell.stdin?.write(line, () => resolve()));
  }

  #start(): ChildProcess {
    // A group of its own, so that Ctrl-C is for us alone.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    this.#shell = shell;
    shell.stdin.on('error', () => undefined);
    shell.on('error', () => undefined);
    shell.on('exit', () => {
      this.#shell = undefined;
      if (!this.#closing) this.#start();
    });
    for (const group of this.#groups) shell.stdin.write(`add ${group}\n`);
    return shell;
  }
}

const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r verb group; do
  case $verb in
    add) case $groups in *" $group "*) ;; *) groups="$groups$group " ;; esac ;;
    remove) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
[ "$groups" = ' ' ] && exit
for group in $groups; do kill -s TERM -- "-$group"; done
PATH=/usr/bin:/bin sleep 1
for group in $groups; do kill -s KILL -- "-$group"; done
`;
