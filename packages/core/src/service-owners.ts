/** Whose a service is. */
export interface Owner {
  /** The namespace whose pods may write the service's stream. */
  readonly namespace: string;
  /** To whom that namespace belonged when it was last seen; absent where it is nobody's in particular. */
  readonly tenant?: string;
}

/**
 * Whose each service is: the same for every process of the installation, and after all of them were restarted. A service
 * belongs to the first namespace that claims it, until that one has not claimed it again for as long as the adapter was
 * told to keep owners. That has to be longer than entries are kept: the next owner may read what is left of them.
 */
export interface ServiceOwners extends AsyncDisposable {
  /**
   * Takes the service if nobody owns it. Its owner's claim shows that the owner is still there, and changes the tenant to
   * the one named, or to none; anybody else's changes nothing. Resolves with whoever owns the service now.
   * @throws {LogsError} UNAVAILABLE
   */
  claim(serviceId: string, claimant: Owner): Promise<Owner>;
  /** Whoever owns the service; undefined where nobody does. @throws {LogsError} UNAVAILABLE */
  owner(serviceId: string): Promise<Owner | undefined>;
}

/** How long an owner that does not claim again is kept where nothing else is said, in milliseconds: 7 days. */
export const KEEP_OWNERS_MS = 7 * 86_400_000;
