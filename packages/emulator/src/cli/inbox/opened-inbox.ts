import type { InboxAdmin } from "@ahasend-webhooks/core";

/** An inbox that was opened to operate it. */
export interface OpenedInbox {
  admin: InboxAdmin;
  close: () => Promise<void> | void;
}
