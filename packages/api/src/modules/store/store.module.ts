/** Injection token of the LogStore. */
export const LOG_STORE = Symbol('LogStore');
/** Injection token of the Leases. */
export const LEASES = Symbol('Leases');
