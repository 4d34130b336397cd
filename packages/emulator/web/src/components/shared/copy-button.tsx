import { useSignal } from "@preact/signals";

import { notify } from "../../notices.js";
import { Icon } from "./icon.js";

interface CopyButtonProps {
  /** Names the text in labels: "the secret". */
  what: string;
  text: () => string | Promise<string>;
  /** Shown beside the icon. @default only screen readers get a label */
  label?: string;
}

const SHOWN_MS = 1500;

/** A button that copies a string to the clipboard. */
export function CopyButton({ what, text, label }: CopyButtonProps) {
  const isCopied = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
    } catch {
      return notify("bad", `The browser does not let this page copy ${what}: select and copy it yourself.`);
    }
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), SHOWN_MS);
  };
  return (
    <button type="button" class="ghost small" onClick={() => void copy()}>
      <Icon name={isCopied.value ? "check" : "copy"} />
      <span class={label === undefined ? "hidden" : ""}>
        {isCopied.value ? `Copied ${what}` : (label ?? `Copy ${what}`)}
      </span>
    </button>
  );
}
