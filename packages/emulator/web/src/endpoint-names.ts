import type { DeliveryRow } from "../../src/dev/view.js";
import { endpoints } from "./state.js";

/** The kinds of endpoints as the page names them. */
export const kindNames = { webhook: "webhook", route: "inbound route" } as const;

/** Returns the name of an endpoint, also of a deleted one. */
export function endpointName(id: string): string {
  return endpoints.value.get(id)?.name ?? "deleted endpoint";
}

/** Returns the endpoint of a delivery; for one that another command reported, the command and the URL. */
export function describeTarget({ endpointId, report }: Pick<DeliveryRow, "endpointId" | "report">): string {
  return report === null ? endpointName(endpointId) : `${report.origin}: ${report.url}`;
}
