export type { Attempt } from "./attempt.js";
export { steppedClock } from "./clock.js";
export type { Clock, SteppedClock } from "./clock.js";
export type { Delivery, DeliveryState } from "./delivery.js";
export { createEmulator } from "./emulator.js";
export type { Change, Emulator } from "./emulator.js";
export type {
  Endpoint,
  Route,
  RouteChanges,
  RouteInput,
  Webhook,
  WebhookChanges,
  WebhookInput,
  WebhookSwitch,
} from "./endpoint.js";
export type { Endpoints } from "./endpoints.js";
export { EmulatorError } from "./errors.js";
export type { EmulatorErrorCode } from "./errors.js";
export type { Emission, EmitOptions } from "./fan-out.js";
export { faultKinds } from "./faults.js";
export type { Fault, FaultKind, RequestFault } from "./faults.js";
export type { Deliveries } from "./journal.js";
export type { EmulatorOptions } from "./options.js";
export { maxAttempts, retryDelaySeconds, seededRandom } from "./schedule.js";
export type { Answer, Redirect } from "./transport.js";
export { checkEndpoint } from "./check/check-endpoint.js";
export { checkRules } from "./check/choose.js";
export type { CheckRule, CheckVerdict } from "./check/check.js";
export type { CheckOptions } from "./check/options.js";
export type { CheckReport, CheckResult } from "./check/report.js";
