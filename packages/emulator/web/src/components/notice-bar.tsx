import { dismiss, notice } from "../notices.js";
import { Icon } from "./shared/icon.js";

/** The current notice. Screen readers announce it. */
export function NoticeBar() {
  const { tone, text } = notice.value ?? {};
  return (
    <>
      <div role="status" class="notices">
        {tone === "good" && <p class="notice good">{text}</p>}
      </div>
      <div role="alert" class="notices">
        {tone === "bad" && (
          <p class="notice bad">
            {text}
            <button type="button" class="ghost small" onClick={dismiss}>
              <Icon name="cross" />
              <span class="hidden">Dismiss</span>
            </button>
          </p>
        )}
      </div>
    </>
  );
}
