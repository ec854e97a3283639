/** Injection token of the LogStore. */
export const LOG_STORE = Symbol('LogStore');
/** Injection token of the Leases. */
export const LEASES = Symbol('Leases');
/** Injection token of the ServiceOwners. */
export const SERVICE_OWNERS = Symbol('ServiceOwners');
/** Injection token of the Deployments. */
export const DEPLOYMENTS = Symbol('Deployments');
