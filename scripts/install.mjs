// Installs what package-lock.json names, if that is not there yet.
import { install } from './workspace/installed.mjs';

await install();
