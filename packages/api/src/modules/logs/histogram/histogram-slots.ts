import { Injectable } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';

import { Slots } from '../slots.ts';

/** A histogram may look at many lines, and one reader is not to have all of the server for it. */
@Injectable()
export class HistogramSlots extends Slots {
  constructor() {
    super(LIMITS.histogramsPerPrincipal, 'histograms');
  }
}
