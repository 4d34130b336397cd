import { useSignal } from "@preact/signals";

import type { Fault } from "../../../../src/faults/faults.js";
import { requestFaults } from "../../fault-options.js";
import { Dialog } from "../shared/dialog.js";
import { FaultPicker } from "../shared/fault-picker.js";

interface ReplayDialogProps {
  onReplay: (faults: readonly Fault[]) => Promise<boolean>;
  onClose: () => void;
}

/** Asks for the faults of a replay. */
export function ReplayDialog({ onReplay, onClose }: ReplayDialogProps) {
  const faults = useSignal<readonly Fault[]>([]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await onReplay(faults.value)) onClose();
  };
  return (
    <Dialog title="Replay with faults" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <p class="muted">Sends the same webhook-id and body again, with the faults you choose.</p>
        <FaultPicker kinds={requestFaults} faults={faults.value} onChange={(next) => (faults.value = next)} />
        <p class="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Replay
          </button>
        </p>
      </form>
    </Dialog>
  );
}
