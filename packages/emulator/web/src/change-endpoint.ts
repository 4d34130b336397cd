import type { InboundRouteChanges, WebhookChanges } from "../../src/endpoints/endpoint.js";
import { api } from "./api.js";
import { perform } from "./notices.js";
import { endpoints } from "./state.js";

/**
 * Changes an endpoint, and updates the page without waiting for the next message.
 *
 * @returns whether the emulator accepted the change
 */
export function changeEndpoint(id: string, changes: WebhookChanges | InboundRouteChanges): Promise<boolean> {
  return perform(async () => {
    const endpoint = await api.changeEndpoint(id, changes);
    endpoints.value = new Map(endpoints.value).set(id, endpoint);
  });
}
