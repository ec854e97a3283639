/** CPU time that this process has used, in microseconds: unlike the clock's, it does not grow while others have the processor. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
