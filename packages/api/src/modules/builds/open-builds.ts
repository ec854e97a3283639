/** Injection token of the BuildDesk. */
export const BUILD_DESK = Symbol('BuildDesk');
