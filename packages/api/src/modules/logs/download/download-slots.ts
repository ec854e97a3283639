import { Injectable } from '@nestjs/common';
import { LIMITS } from '@kubidu/contracts';

import { Slots } from '../slots.ts';

/** A download keeps a few megabytes for as long as its client likes. */
@Injectable()
export class DownloadSlots extends Slots {
  constructor() {
    super(LIMITS.downloadsPerPrincipal, 'downloads');
  }
}
