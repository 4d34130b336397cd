/** Returns a field of an authentic event that may be missing or of another type: `""` if it is not a string. */
export function readString(value: unknown): string {
  return typeof value === "string" ? value : "";
}
