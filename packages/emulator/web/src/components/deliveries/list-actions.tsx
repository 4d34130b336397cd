import { useSignal } from "@preact/signals";

import { api } from "../../api.js";
import { heldRows, visibleRows } from "../../filter.js";
import { formatCount } from "../../format.js";
import { notify, perform } from "../../notices.js";
import { clearSelection, selectedKeys } from "../../selection.js";
import { Choice } from "../shared/choice.js";
import { Dialog } from "../shared/dialog.js";
import { Icon } from "../shared/icon.js";

/** The actions on many deliveries: those that are selected, or all that pass the filters. */
export function ListActions() {
  const isReplaying = useSignal(false);
  const own = visibleRows.value.filter(({ report }) => report === null).map(({ key }) => key);
  const isSelection = selectedKeys.value.length > 0;
  const keys = isSelection ? selectedKeys.value : own;
  const clear = async () => {
    await api.clear();
    clearSelection();
    heldRows.value = undefined;
  };
  return (
    <div class="row list-actions">
      <button
        type="button"
        class="small"
        disabled={keys.length === 0}
        onClick={() => (isReplaying.value = true)}
      >
        <Icon name="retry" />
        {isSelection ? `Replay ${keys.length} selected…` : "Replay all shown…"}
      </button>
      {isSelection && (
        <button type="button" class="ghost small" onClick={clearSelection}>
          Select none
        </button>
      )}
      <button
        type="button"
        class="ghost small"
        title="Removes the deliveries that have ended. Pending ones stay."
        onClick={() => void perform(clear)}
      >
        <Icon name="cross" />
        Clear the list
      </button>
      {isReplaying.value && <ReplayAllDialog keys={keys} onClose={() => (isReplaying.value = false)} />}
    </div>
  );
}

const ids = { same: "Same ids", fresh: "New ids" } as const;

const hints = {
  same: "A receiver that deduplicates acknowledges what it has handled, without running its handlers.",
  fresh: "Each is a new delivery: the handlers run again.",
} as const;

function ReplayAllDialog({ keys, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const kind = useSignal<keyof typeof ids>("same");
  const submit = async (event: Event) => {
    event.preventDefault();
    // Oldest first, as they were sent.
    const isDone = await perform(async () => {
      const { replayed, refusals } = await api.replayAll(keys.toReversed(), kind.value === "fresh");
      if (refusals.length === 0)
        notify("good", `Replayed ${formatCount(replayed, "delivery", "deliveries")}.`);
      else notify("bad", [`Replayed ${replayed} of ${keys.length}.`, ...refusals].join(" "));
    });
    if (!isDone) return;
    clearSelection();
    onClose();
  };
  return (
    <Dialog title={`Replay ${formatCount(keys.length, "delivery", "deliveries")}`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <Choice legend="Ids" options={ids} value={kind.value} onChange={(next) => (kind.value = next)} />
        <p class="muted">{hints[kind.value]}</p>
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
