import { contract } from "@ahasend-webhooks/core/contract";

import type { EndpointView } from "../../../../src/dev/view.js";
import type { EndpointOverride } from "../../../../src/endpoints/endpoint-override.js";
import { api } from "../../api.js";
import { perform } from "../../notices.js";
import { Choice } from "../shared/choice.js";

const options = { none: "Normal", pause: "Pause", fail: "Fail", slow: "Slow" } as const;

const initial = {
  none: null,
  pause: { kind: "pause" },
  fail: { kind: "fail", status: 503 },
  slow: { kind: "slow", seconds: 3 },
} as const;

const hints = {
  none: "Deliveries go straight to the receiver.",
  pause: "Deliveries wait until you switch back to Normal.",
  fail: "The emulator replies with an error. The receiver gets nothing.",
  slow: `The receiver gets each delivery, and its reply is held back. After ${contract.attemptTimeoutSeconds} s the attempt times out.`,
} as const;

/** Pauses an endpoint, replies with an error in its place, or delays its replies. */
export function OverrideControl({ endpoint: { id, override } }: { endpoint: EndpointView }) {
  const kind = override?.kind ?? "none";
  const set = (next: EndpointOverride | null) => void perform(() => api.override(id, next));
  return (
    <div class="override">
      <div class="row">
        <span class="muted" aria-hidden="true">
          Traffic
        </span>
        <Choice legend="Traffic" options={options} value={kind} onChange={(next) => set(initial[next])} />
        {override?.kind === "fail" && (
          <NumberField
            label="with status"
            value={override.status}
            onChange={(status) => set({ kind: "fail", status })}
          />
        )}
        {override?.kind === "slow" && (
          <NumberField
            label="by seconds"
            value={override.seconds}
            onChange={(seconds) => set({ kind: "slow", seconds })}
          />
        )}
      </div>
      <p class="muted">{hints[kind]}</p>
    </div>
  );
}

function NumberField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <label class="inline">
      <span>{label}</span>
      <input
        type="number"
        step="any"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </label>
  );
}
