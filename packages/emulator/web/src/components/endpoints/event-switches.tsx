import type { EndpointView } from "../../../../src/dev/view.js";
import { switches } from "../../../../src/endpoints/endpoint.js";
import { changeEndpoint } from "../../change-endpoint.js";
import { Switch } from "../shared/switch.js";

/** A switch for each event type that a webhook can get. */
export function EventSwitches({ webhook }: { webhook: Extract<EndpointView, { kind: "webhook" }> }) {
  const all = Object.entries(switches);
  const on = all.filter(([, name]) => webhook[name]).length;
  return (
    <details>
      <summary>
        Events <span class="muted">{`${on} of ${all.length}`}</span>
      </summary>
      <div class="switches">
        {all.map(([type, name]) => (
          <Switch
            key={name}
            isOn={webhook[name]}
            onChange={(isOn) => changeEndpoint(webhook.id, { [name]: isOn })}
          >
            {type}
          </Switch>
        ))}
      </div>
    </details>
  );
}
