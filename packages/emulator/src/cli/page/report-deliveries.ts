import type { Emulator } from "../../emulator.js";
import type { Reporter } from "./reporter.js";
import { reportDelivery } from "./to-report.js";

/** Reports every delivery of an emulator once it was attempted, and its progress. */
export function reportDeliveries(emulator: Emulator, reporter: Reporter, secret: string): void {
  emulator.onChange((change) => {
    if (change.kind !== "delivery" || change.delivery.isInFlight) return;
    const { delivery } = change;
    if (delivery.attempts.length === 0 && delivery.state === "pending") return;
    reporter.report(delivery.key, (key) => reportDelivery(key, delivery, secret));
  });
}
