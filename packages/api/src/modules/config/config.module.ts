import { Inject } from '@nestjs/common';

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('Config');

/** Injects the {@link Config}. */
export const InjectConfig = () => Inject(CONFIG);
