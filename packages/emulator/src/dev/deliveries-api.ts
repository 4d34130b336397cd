import type { Attempt } from "../deliveries/attempt.js";
import type { Delivery } from "../deliveries/delivery.js";
import { explainRefusal } from "../doctor/explain-refusal.js";
import type { Emulator } from "../emulator.js";
import { EmulatorError } from "../errors.js";
import type { RequestFault } from "../faults/faults.js";
import type { Api } from "./api-call.js";
import { parseFaults, parseKeys } from "./parse-fields.js";
import { parseReports } from "./reports/parse-reports.js";
import type { ReportLog } from "./reports/report-log.js";
import { bytesReply, jsonReply } from "./reply.js";
import { toDeliveryDetail, toDeliveryRow } from "./to-view.js";
import type { ReplayResult } from "./view.js";

/** Creates the part of the API that is about deliveries: the emulator's, and those that other commands report. */
export function createDeliveriesApi(emulator: Emulator, reports: ReportLog): Api {
  const { deliveries } = emulator;
  const find = (key: string) => reports.find(key) ?? deliveries.get(key);
  return {
    "DELETE /api/deliveries": () => {
      reports.clear();
      deliveries.clear();
      return jsonReply(200, {});
    },
    "GET /api/deliveries/*": ({ params: [key = ""] }) => {
      const delivery = find(key);
      return jsonReply(200, toDeliveryDetail(delivery, isDuplicate(delivery, deliveries.list())));
    },
    "GET /api/deliveries/*/body": ({ params: [key = ""] }) => bytesReply(find(key).body),
    "GET /api/deliveries/*/attempts/*/body": ({ params: [key = "", number] }) =>
      bytesReply(findAttempt(find(key), number).request.body),
    "GET /api/deliveries/*/attempts/*/explanation": ({ params: [key = "", number] }) =>
      jsonReply(200, { explanation: explain(emulator, find(key), number) }),

    "POST /api/deliveries/*/retry": ({ params: [key = ""] }) => {
      emulator.retryNow(key);
      return jsonReply(200, {});
    },
    "POST /api/deliveries/*/cancel": ({ params: [key = ""] }) => {
      emulator.cancel(key);
      return jsonReply(200, {});
    },
    "POST /api/deliveries/*/replay": ({ params: [key = ""], fields }) => {
      const faults = parseFaults(fields) as readonly RequestFault[];
      const newId = fields["newId"] === true;
      return jsonReply(201, toDeliveryRow(emulator.replay(key, { faults, newId })));
    },
    "POST /api/replays": ({ fields }) =>
      jsonReply(201, replayAll(emulator, parseKeys(fields), fields["newId"] === true)),

    "POST /api/reports": ({ fields }) => {
      for (const delivery of parseReports(fields)) reports.add(delivery);
      return jsonReply(200, {});
    },
  };
}

function findAttempt<One extends Attempt>(
  { attempts }: { attempts: readonly One[] },
  number: string | undefined,
): One {
  const attempt = attempts.find((attempt) => attempt.number === Number(number));
  if (attempt !== undefined) return attempt;
  throw new EmulatorError(
    "delivery_not_found",
    `Attempt ${number} does not exist: the delivery lists its attempts.`,
  );
}

function explain({ endpoints }: Emulator, delivery: Delivery, number: string | undefined) {
  const attempt = findAttempt(delivery, number);
  if ("explanation" in attempt) return attempt.explanation;
  // The emulator has replied in place of the receiver.
  if (attempt.override?.kind === "fail") return null;
  const endpoint = endpoints.list().find(({ id }) => id === delivery.endpointId);
  const isAltered = delivery.faults.length > 0;
  return explainRefusal(attempt, { secret: endpoint?.secret, isAltered }) ?? null;
}

/** Returns whether the endpoint has acknowledged an earlier copy of a delivery that it acknowledged. */
function isDuplicate(delivery: Delivery, all: readonly Delivery[]): boolean {
  if ("isDuplicate" in delivery) return delivery.isDuplicate === true;
  const { id, copy, endpointId, state } = delivery;
  const isEarlier = (other: Delivery) =>
    other.id === id && other.copy < copy && other.endpointId === endpointId && other.state === "delivered";
  return state === "delivered" && all.some(isEarlier);
}

/** Replays deliveries in the order of the list. What cannot be replayed does not keep back the others. */
function replayAll(emulator: Emulator, keys: readonly string[], newId: boolean): ReplayResult {
  const refusals: string[] = [];
  for (const key of keys) {
    try {
      emulator.replay(key, { newId });
    } catch (error) {
      if (!(error instanceof EmulatorError)) throw error;
      refusals.push(error.message);
    }
  }
  return { replayed: keys.length - refusals.length, refusals: [...new Set(refusals)] };
}
