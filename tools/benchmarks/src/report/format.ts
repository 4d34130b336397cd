import type { Unit } from "./result.js";

/** Formats a value in its unit, to three digits. */
export function format(value: number, unit: Unit): string {
  return formats[unit](value);
}

const formats: Record<Unit, (value: number) => string> = {
  time: (micros) => formatScaled(micros, ["µs", "ms", "s"]),
  bytes: (bytes) => formatScaled(bytes, ["B", "KB", "MB", "GB"]),
  perSecond: (rate) => `${formatGrouped(Number(rate.toPrecision(3)))}/s`,
  times: (ratio) => `${formatDigits(ratio)} ×`,
  count: formatGrouped,
};

/** Formats a value in the unit that leaves one to three digits before the point; each unit is 1,000 of the previous. */
function formatScaled(value: number, units: readonly string[]): string {
  const power = value < 1000 ? 0 : Math.floor(Math.log10(value) / 3);
  const index = Math.min(power, units.length - 1);
  return `${formatDigits(value / 1000 ** index)} ${units[index]}`;
}

function formatDigits(value: number): string {
  if (value >= 100) return formatGrouped(Math.round(value));
  return String(Number(value.toPrecision(value < 0.1 ? 1 : 3)));
}

function formatGrouped(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
