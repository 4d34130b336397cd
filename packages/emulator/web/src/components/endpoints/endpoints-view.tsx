import { useSignal } from "@preact/signals";

import type { EndpointView } from "../../../../src/dev/view.js";
import { endpoints } from "../../state.js";
import { Empty } from "../shared/empty.js";
import { EndpointCard } from "./endpoint-card.js";
import { EndpointDialog } from "./endpoint-dialog.js";
import { Icon } from "../shared/icon.js";

/** The list of endpoints. */
export function EndpointsView() {
  const edited = useSignal<EndpointView | "new" | undefined>(undefined);
  const all = [...endpoints.value.values()];
  const add = (
    <button type="button" class="primary" onClick={() => (edited.value = "new")}>
      <Icon name="plus" />
      Add an endpoint
    </button>
  );
  return (
    <>
      <div class="row spread">
        <h1 tabIndex={-1}>Endpoints</h1>
        {all.length > 0 && add}
      </div>
      {all.length === 0 && (
        <Empty title="No endpoints yet">
          <p>
            A <b>webhook</b> gets the events about the e-mails you send, with a switch for each type. An{" "}
            <b>inbound route</b> gets the e-mails sent to you.
          </p>
          <p>{add}</p>
        </Empty>
      )}
      <div class="cards">
        {all.map((endpoint) => (
          <EndpointCard key={endpoint.id} endpoint={endpoint} onEdit={() => (edited.value = endpoint)} />
        ))}
      </div>
      {edited.value !== undefined && (
        <EndpointDialog
          endpoint={edited.value === "new" ? undefined : edited.value}
          onClose={() => (edited.value = undefined)}
        />
      )}
    </>
  );
}
