import { contract } from "@ahasend-webhooks/core/contract";
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

import type { EndpointView } from "../../../../src/dev/view.js";
import { api } from "../../api.js";
import { changeEndpoint } from "../../change-endpoint.js";
import { newestFirst } from "../../filter.js";
import { formatTime } from "../../format.js";
import { kindNames } from "../../endpoint-names.js";
import { perform } from "../../notices.js";
import { Dialog } from "../shared/dialog.js";
import { EventSwitches } from "./event-switches.js";
import { OverrideControl } from "./override-control.js";
import { Secret } from "./secret.js";
import { Switch } from "../shared/switch.js";

/** A webhook or an inbound route: its settings, counters and switches. */
export function EndpointCard({ endpoint, onEdit }: { endpoint: EndpointView; onEdit: () => void }) {
  const { id, kind, name, url, enabled } = endpoint;
  const isDeleting = useSignal(false);
  const titleId = useId();
  const remove = async () => {
    isDeleting.value = false;
    if (await perform(() => api.deleteEndpoint(id))) document.querySelector<HTMLElement>("h1")?.focus();
  };
  return (
    <article class={enabled ? "card" : "card off"} aria-labelledby={titleId}>
      <header class="row spread">
        <h2 id={titleId}>
          {name} <span class="tag">{kindNames[kind]}</span>
        </h2>
        <Switch isOn={enabled} onChange={(isOn) => changeEndpoint(id, { enabled: isOn })}>
          Enabled
        </Switch>
      </header>
      {name !== url && <p class="mono url">{url}</p>}
      <Scope endpoint={endpoint} />
      <Secret endpointId={id} />
      <Counters endpoint={endpoint} />
      <NotReached endpointId={id} />
      <OverrideControl endpoint={endpoint} />
      {endpoint.kind === "webhook" && <EventSwitches webhook={endpoint} />}
      <p class="row">
        <button type="button" onClick={onEdit}>
          Edit
        </button>
        <button type="button" class="ghost danger" onClick={() => (isDeleting.value = true)}>
          Delete
        </button>
      </p>
      {isDeleting.value && (
        <Dialog title={`Delete ${name}?`} onClose={() => (isDeleting.value = false)}>
          <p>Its pending deliveries are cancelled. Past deliveries stay in the list.</p>
          <p class="row end">
            <button type="button" onClick={() => (isDeleting.value = false)}>
              Cancel
            </button>
            <button type="button" class="danger" onClick={() => void remove()}>
              Delete
            </button>
          </p>
        </Dialog>
      )}
    </article>
  );
}

function Scope({ endpoint }: { endpoint: EndpointView }) {
  if (endpoint.kind === "route")
    return <p class="muted">E-mail to {endpoint.recipient === "*" ? "any address" : endpoint.recipient}</p>;
  return endpoint.scope === "scoped" ? <p class="muted">Only for {endpoint.domains.join(", ")}</p> : null;
}

function NotReached({ endpointId }: { endpointId: string }) {
  const last = newestFirst.value.find((row) => row.endpointId === endpointId);
  if (last?.error !== "remote_address") return null;
  return (
    <p class="error">
      Not reached: the last delivery led to another machine, so nothing was sent there. Use a URL of this
      machine, or start the emulator with <code>--allow-remote</code>.
    </p>
  );
}

const { maxFailuresInARow } = contract;

function Counters({ endpoint }: { endpoint: EndpointView }) {
  const {
    success_count,
    error_count,
    errors_since_last_success: failuresInARow,
    last_request_at,
    enabled,
  } = endpoint;
  return (
    <>
      <dl class="counters">
        <div>
          <dt>Succeeded</dt>
          <dd>{success_count.toLocaleString("en")}</dd>
        </div>
        <div>
          <dt>Failed</dt>
          <dd>{error_count.toLocaleString("en")}</dd>
        </div>
        <div>
          <dt>Failed in a row</dt>
          <dd>{failuresInARow}</dd>
        </div>
        <div>
          <dt>Last request</dt>
          <dd>{last_request_at === null ? "never" : formatTime(Date.parse(last_request_at))}</dd>
        </div>
      </dl>
      {failuresInARow > maxFailuresInARow && !enabled && (
        <p class="error">
          Disabled after more than {maxFailuresInARow} failed attempts in a row. Fix the receiver, then enable
          it.
        </p>
      )}
      {failuresInARow > maxFailuresInARow / 2 && enabled && (
        <p class="hint">It is disabled after more than {maxFailuresInARow} failed attempts in a row.</p>
      )}
    </>
  );
}
