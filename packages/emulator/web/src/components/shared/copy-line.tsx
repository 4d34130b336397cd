import { CopyButton } from "./copy-button.js";

interface CopyLineProps {
  label: string;
  text: string;
  /** Names it in the label of the button: "the URL". */
  what: string;
}

/** A line to copy, with its label. */
export function CopyLine({ label, text, what }: CopyLineProps) {
  return (
    <div class="copy-line">
      <span class="muted">{label}</span>
      <p class="row">
        <code>{text}</code>
        <CopyButton what={what} text={() => text} />
      </p>
    </div>
  );
}
