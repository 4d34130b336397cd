import { useSignal } from "@preact/signals";
import { useCallback, useEffect } from "preact/hooks";

import { bodyUrl } from "../../api.js";
import { formatBytes } from "../../format.js";
import { hexDump } from "../../hex-dump.js";
import { startPretty } from "../../pretty/start-pretty.js";
import type { Pretty } from "../../pretty/to-pretty.js";
import { Icon } from "../shared/icon.js";
import { TextViewer } from "../shared/text-viewer.js";

interface BodyViewerProps {
  deliveryKey: string;
  /** The attempt whose body to show. Default: the delivery's body, before any fault altered a request. */
  attempt?: number;
}

/** The part of a body to show. All of it can be copied and downloaded. */
const MAX_VISIBLE_BYTES = 100_000;

/** A body as text if it is valid UTF-8, otherwise as a hex dump. */
export function BodyViewer({ deliveryKey, attempt }: BodyViewerProps) {
  const body = useSignal<Uint8Array | undefined>(undefined);
  const url = bodyUrl(deliveryKey, attempt);
  useEffect(() => {
    const controller = new AbortController();
    fetch(url, { signal: controller.signal })
      .then((response) => response.arrayBuffer())
      .then((bytes) => (body.value = new Uint8Array(bytes)))
      .catch(() => undefined);
    return () => controller.abort();
  }, [url]);
  const bytes = body.value;
  const indent = useCallback(
    (onDone: (pretty: Pretty | undefined) => void) => startPretty(bytes ?? new Uint8Array(), onDone),
    [bytes],
  );
  if (bytes === undefined) return null;
  return (
    <TextViewer
      label="Request body"
      text={decodeText(bytes, MAX_VISIBLE_BYTES)}
      whole={() => decodeText(bytes, bytes.length)}
      indent={bytes.length > MAX_VISIBLE_BYTES ? indent : undefined}
    >
      <span class="muted">
        {formatBytes(bytes.length)}
        {bytes.length > MAX_VISIBLE_BYTES && `, first ${formatBytes(MAX_VISIBLE_BYTES)} shown`}
      </span>
      <a class="button ghost small" href={url} download="body.json">
        <Icon name="download" />
        <span class="hidden">Download the body</span>
      </a>
    </TextViewer>
  );
}

function decodeText(bytes: Uint8Array, length: number): string {
  const isCut = bytes.length > length;
  const visible = isCut ? bytes.subarray(0, length) : bytes;
  try {
    // `stream`: the cut may split a character.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(visible, { stream: isCut });
  } catch {
    return hexDump(visible);
  }
}
