import { useSignal } from "@preact/signals";

import { api } from "../../api.js";
import { perform } from "../../notices.js";
import { CopyButton } from "../shared/copy-button.js";

/** The secret of an endpoint, fetched only on request. */
export function Secret({ endpointId }: { endpointId: string }) {
  const secret = useSignal<string | undefined>(undefined);
  const fetchSecret = async () => (await api.secret(endpointId)).secret;
  const toggle = () =>
    perform(async () => {
      secret.value = secret.value === undefined ? await fetchSecret() : undefined;
    });
  return (
    <p class="secret row">
      <span class="muted">Secret</span>
      <code class="cut">{secret.value ?? "••••••••••••"}</code>
      <button type="button" class="ghost small" onClick={() => void toggle()}>
        {secret.value === undefined ? "Show" : "Hide"}
        <span class="hidden"> the secret</span>
      </button>
      <CopyButton what="the secret" text={fetchSecret} />
    </p>
  );
}
