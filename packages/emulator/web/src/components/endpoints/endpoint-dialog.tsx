import { useSignal } from "@preact/signals";

import type { EndpointView } from "../../../../src/dev/view.js";
import { defaults } from "../../../../src/endpoints/endpoint.js";
import { ApiError, api } from "../../api.js";
import { Choice } from "../shared/choice.js";
import { Dialog } from "../shared/dialog.js";

interface EndpointDialogProps {
  /** The endpoint to change; `undefined` creates one. */
  endpoint: EndpointView | undefined;
  onClose: () => void;
}

const kinds = { webhook: "Webhook", route: "Inbound route" } as const;

/** A form that creates or changes an endpoint. */
export function EndpointDialog({ endpoint, onClose }: EndpointDialogProps) {
  const kind = useSignal<keyof typeof kinds>(endpoint?.kind ?? "webhook");
  const error = useSignal("");
  const submit = async (event: Event & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const fields = readForm(kind.value, new FormData(event.currentTarget));
    try {
      if (endpoint === undefined) await api.createEndpoint({ kind: kind.value, ...fields });
      else await api.changeEndpoint(endpoint.id, fields);
      onClose();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      error.value = problem.message;
    }
  };

  return (
    <Dialog title={endpoint === undefined ? "Add an endpoint" : `Edit ${endpoint.name}`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {endpoint === undefined && (
          <Choice legend="Kind" options={kinds} value={kind.value} onChange={(next) => (kind.value = next)} />
        )}
        <label class="field">
          <span>URL</span>
          <input
            type="url"
            name="url"
            required
            value={endpoint?.url}
            placeholder="http://localhost:3000/webhooks/ahasend"
          />
        </label>
        <label class="field">
          <span>Name</span>
          <input type="text" name="name" value={endpoint?.name} placeholder="the URL" />
        </label>
        <label class="field">
          <span>Secret</span>
          <input
            type="text"
            name="secret"
            class="mono"
            autocomplete="off"
            placeholder={endpoint === undefined ? "generated" : "unchanged"}
          />
        </label>
        {kind.value === "webhook" ? (
          <WebhookFields endpoint={endpoint} />
        ) : (
          <RouteFields endpoint={endpoint} />
        )}
        <p role="alert" class="error">
          {error.value}
        </p>
        <p class="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            {endpoint === undefined ? "Add" : "Save"}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function WebhookFields({ endpoint }: { endpoint: EndpointView | undefined }) {
  const domains = endpoint?.kind === "webhook" && endpoint.scope === "scoped" ? endpoint.domains : [];
  return (
    <label class="field">
      <span>Only for these domains</span>
      <input type="text" name="domains" value={domains.join(", ")} placeholder="all" />
    </label>
  );
}

/** The switches of an inbound route, as the dashboard has them. */
const routeSwitches = [
  { name: "attachments", label: "Include attachments", hint: "" },
  { name: "headers", label: "Include headers", hint: "" },
  {
    name: "group_by_message_id",
    label: "Group by message",
    hint: "One delivery for an e-mail to several addresses. Otherwise one for each address.",
  },
  { name: "strip_replies", label: "Strip replies", hint: "Cuts the quoted part from the bodies." },
] as const;

function RouteFields({ endpoint }: { endpoint: EndpointView | undefined }) {
  const route = endpoint?.kind === "route" ? endpoint : undefined;
  return (
    <>
      <label class="field">
        <span>Recipient</span>
        <input type="text" name="recipient" value={route?.recipient ?? "*"} required />
      </label>
      {routeSwitches.map(({ name, label, hint }) => (
        <label key={name} class="check">
          <input type="checkbox" name={name} defaultChecked={route?.[name] ?? defaults.route[name]} />
          <span>
            {label} <span class="muted">{hint}</span>
          </span>
        </label>
      ))}
    </>
  );
}

/** Returns the fields of the form. Empty ones are left out, so that they keep their value or get the default. */
function readForm(kind: keyof typeof kinds, form: FormData) {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const nonEmpty = Object.fromEntries(
    ["name", "secret", "recipient"].map((name) => [name, text(name)]).filter(([, value]) => value !== ""),
  );
  const common = { url: text("url"), ...nonEmpty };
  if (kind === "route") {
    const switches = routeSwitches.map(({ name }) => [name, form.has(name)]);
    return { ...common, ...Object.fromEntries(switches) };
  }
  const domains = text("domains")
    .split(/[\s,]+/)
    .filter((domain) => domain !== "");
  return { ...common, scope: domains.length === 0 ? "global" : "scoped", domains } as const;
}
