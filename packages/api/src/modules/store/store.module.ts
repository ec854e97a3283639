/** Injection token of the LogStore. */
export const LOG_STORE = Symbol('LogStore');
/** Injection token of the LogStore without its archive: for what keeps it in order, and must not wait for the archive. */
export const HOT_STORE = Symbol('HotLogStore');
/** Injection token of the LogArchive; undefined where there is none. */
export const LOG_ARCHIVE = Symbol('LogArchive');
/** Injection token of the Leases. */
export const LEASES = Symbol('Leases');
/** Injection token of the ServiceOwners. */
export const SERVICE_OWNERS = Symbol('ServiceOwners');
/** Injection token of the Deployments. */
export const DEPLOYMENTS = Symbol('Deployments');
