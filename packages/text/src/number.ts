/** 12431 as 12,431. */
export function number(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
