import { toCurl } from "../deliveries/to-curl.js";
import { signRequest } from "../deliveries/sign-request.js";
import type { EmitOptions } from "../deliveries/fan-out.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { UsageError, asUsage } from "./exit.js";
import type { Output } from "./output.js";
import { createEndpoint, withEmulator } from "./with-emulator.js";

/** A delivery that is not sent. */
export interface DryRun extends Pick<EmitOptions, "id"> {
  kind: Endpoint["kind"];
  to: string;
  secret: string;
  body: string;
  faults: NonNullable<EmitOptions["faults"]>;
  insecure: boolean;
}

/**
 * Prints the first attempt of each delivery as a cURL command, and sends nothing.
 *
 * @throws {UsageError} for a fault that cURL does not have
 */
export async function dryRun(run: DryRun, output: Output): Promise<void> {
  const { kind, to, secret, body, faults, id, insecure } = run;
  if (faults.some((fault) => fault.kind === "slow_upload"))
    throw new UsageError("cURL cannot send a body slowly: leave out --fault slow.");
  // Nothing is sent, so that the URL may be that of another machine.
  await withEmulator({ allowRemote: !insecure, insecure }, async (emulator) => {
    const { id: endpointId } = createEndpoint(emulator, kind, to, secret);
    emulator.endpoints.override(endpointId, { kind: "pause" });
    const deliveries = asUsage(() => emulator.emit(body, { faults, ...(id !== undefined && { id }) }));
    const requests = deliveries.map((delivery) =>
      signRequest({
        url: to,
        secret,
        id: delivery.id,
        body: delivery.body,
        at: Date.now(),
        number: 1,
        faults,
      }),
    );
    for (const [index, request] of requests.entries()) {
      const curl = toCurl(request, { insecure });
      output.line(curl);
      output.data({ kind: "dryRun", deliveryId: deliveries[index]?.id, curl });
    }
    return Promise.resolve();
  });
}
