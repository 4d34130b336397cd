import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { bodyUrl } from "../../api.js";
import { formatBytes } from "../../format.js";
import { hexDump } from "../../hex-dump.js";
import { Icon } from "../shared/icon.js";
import { TextViewer } from "../shared/text-viewer.js";

interface BodyViewerProps {
  deliveryKey: string;
  /** As this attempt sent it; as it was made when left out. */
  attempt?: number;
}

/** More than this is not shown, but can be copied and downloaded. */
const MAX_VISIBLE_BYTES = 100_000;

/** The bytes of a body: as text if they are some, else in hexadecimal. */
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
  if (body.value === undefined) return null;
  const bytes = body.value;
  return (
    <TextViewer
      label="Request body"
      text={decodeText(bytes, MAX_VISIBLE_BYTES)}
      whole={() => decodeText(bytes, bytes.length)}
    >
      <span class="muted">
        {formatBytes(bytes.length)}
        {bytes.length > MAX_VISIBLE_BYTES && `, the first ${formatBytes(MAX_VISIBLE_BYTES)} are shown`}
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
    // The end of what is shown may cut a character in two.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(visible, { stream: isCut });
  } catch {
    return hexDump(visible);
  }
}
