import type { InboundRouteChanges, WebhookChanges } from "../../src/endpoints/endpoint.js";
import { api } from "./api.js";
import { perform } from "./notices.js";
import { endpoints } from "./state.js";

/**
 * Changes an endpoint, and shows it as it is then without waiting to be told.
 *
 * @returns whether it was done
 */
export function changeEndpoint(id: string, changes: WebhookChanges | InboundRouteChanges): Promise<boolean> {
  return perform(async () => {
    const changed = await api.changeEndpoint(id, changes);
    endpoints.value = new Map(endpoints.value).set(id, changed);
  });
}
