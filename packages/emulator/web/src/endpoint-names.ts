import { endpoints } from "./state.js";

/** The kinds of endpoints as the page names them. */
export const kindNames = { webhook: "webhook", route: "inbound route" } as const;

/** Returns the name of an endpoint, also of a deleted one. */
export function endpointName(id: string): string {
  return endpoints.value.get(id)?.name ?? "deleted endpoint";
}
