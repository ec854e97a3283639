import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { LogsError } from '@kubidu/core';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tells the form of what is sealed, so that a later one can be told from it. */
const FORM = 'v1.';

/** Which settings may give the key, the first that is set. */
export interface SealingSettings {
  readonly KUBIDU_SECRETS_KEY?: string | undefined;
  readonly KUBIDU_JWT_SECRET?: string | undefined;
}

/**
 * Seals the secrets of builds for the way from the desk to a worker, through Redis or the disk: whoever reads those without
 * the key learns nothing, and whoever changes them is found out. What is sealed belongs to one deployment and opens for
 * no other.
 */
export class Sealer {
  readonly #key: Buffer;

  /**
   * The key comes from KUBIDU_SECRETS_KEY, else from KUBIDU_JWT_SECRET; else it is a random one, which serves where desk and
   * worker are one process and does not outlive it.
   */
  constructor({ KUBIDU_SECRETS_KEY, KUBIDU_JWT_SECRET }: SealingSettings) {
    const secret = KUBIDU_SECRETS_KEY ?? KUBIDU_JWT_SECRET ?? randomBytes(KEY_BYTES);
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'kubidu build secrets', KEY_BYTES));
  }

  seal(deploymentId: string, secrets: Readonly<Record<string, string>>): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(deploymentId));
    const sealed = [nonce, cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final(), cipher.getAuthTag()];
    return FORM + Buffer.concat(sealed).toString('base64url');
  }

  /** @throws {LogsError} INVALID_ARGUMENT with words for whoever runs the installation, where another key has sealed them */
  open(deploymentId: string, sealed: string): Readonly<Record<string, string>> {
    try {
      if (!sealed.startsWith(FORM)) throw new TypeError('another form');
      const bytes = Buffer.from(sealed.slice(FORM.length), 'base64url');
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(deploymentId));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      return JSON.parse(text) as Readonly<Record<string, string>>;
    } catch {
      // Without the cause: what it quotes may be a secret.
      throw new LogsError(
        'INVALID_ARGUMENT',
        'the build secrets cannot be opened: the server that took them and the worker need the same KUBIDU_SECRETS_KEY',
      );
    }
  }
}
