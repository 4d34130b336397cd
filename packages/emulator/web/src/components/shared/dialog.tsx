import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Icon } from "./icon.js";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** A window before the page, as long as it is rendered: it has the focus, and Escape closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // The browser gives the focus back only when a dialog is closed before it is taken away.
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      <header class="row spread">
        <h2 id={titleId}>{title}</h2>
        <button type="button" class="ghost" onClick={() => dialog.current?.close()}>
          <Icon name="cross" />
          <span class="hidden">Close</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}
