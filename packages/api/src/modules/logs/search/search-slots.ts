import { Injectable } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';

import { Slots } from '../slots.ts';

/** A search may read a whole archive, and one reader is not to have all of it. */
@Injectable()
export class SearchSlots extends Slots {
  constructor() {
    super(LIMITS.searchesPerPrincipal, 'searches');
  }
}
