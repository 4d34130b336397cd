import type { Unit } from "./result.js";

/** A value in its unit, to three digits. */
export function format(value: number, unit: Unit): string {
  switch (unit) {
    case "time":
      return scaled(value, 1000, ["µs", "ms", "s"]);
    case "bytes":
      return scaled(value, 1000, ["B", "KB", "MB", "GB"]);
    case "perSecond":
      return `${grouped(Number(value.toPrecision(3)))}/s`;
    case "times":
      return `${digits(value)} ×`;
    case "count":
      return grouped(value);
  }
}

function scaled(value: number, step: number, units: readonly string[]): string {
  const power = value < step ? 0 : Math.floor(Math.log(value) / Math.log(step) + 1e-9);
  const index = Math.min(power, units.length - 1);
  return `${digits(value / step ** index)} ${units[index]}`;
}

function digits(value: number): string {
  if (value >= 100) return grouped(Math.round(value));
  return String(Number(value.toPrecision(value < 0.1 ? 1 : 3)));
}

function grouped(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
