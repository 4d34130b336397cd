/** Formats a duration in milliseconds: `412 ms`, `1.2 s`. */
export function formatLatency(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Formats the time left in milliseconds: `now`, `12 s`, `4 min 12 s`, `2 h 5 min`. */
export function formatWait(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds <= 0) return "now";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats a size in bytes: `612 bytes`, `1.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return bytes === 1 ? "1 byte" : `${bytes.toLocaleString("en")} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Formats a point in time as the time of day in the browser's time zone: `17:03:21`. */
export function formatTime(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB");
}

/** Formats a number with its noun: `1 delivery`, `3 deliveries`. */
export function formatCount(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
