export type { ReceivedReply } from "./transport/received-reply.js";
export type { ConnectableApp, KoaLike, NestLike } from "./connect/connectable-app.js";
export type { Attempt } from "./deliveries/attempt.js";
export { checkEndpoint } from "./check/check-endpoint.js";
export type { CheckRule } from "./check/check-rule.js";
export type { CheckVerdict } from "./check/finding.js";
export { checkRules } from "./check/checks/all-checks.js";
export type { CheckOptions } from "./check/check-options.js";
export type { CheckedRequest } from "./check/probe/checked-request.js";
export type { CheckReport, CheckResult } from "./check/check-report.js";
export { steppedClock } from "./clock.js";
export type { Clock, SteppedClock } from "./clock.js";
export type { ReplayOptions } from "./deliveries/create-replay.js";
export type { Delivery, DeliveryState } from "./deliveries/delivery.js";
export { createEmulator } from "./create-emulator.js";
export { diagnose } from "./doctor/diagnose.js";
export type {
  CapturedRequest,
  DiagnoseOptions,
  Diagnosis,
  DiagnosisProblem,
  DiagnosisCode,
} from "./doctor/diagnosis.js";
export type { ConnectOptions, Emulator, EmulatorChange, Sender } from "./emulator.js";
export type {
  Endpoint,
  InboundRoute,
  InboundRouteChanges,
  InboundRouteInput,
  Webhook,
  WebhookChanges,
  WebhookInput,
  WebhookSwitch,
} from "./endpoints/endpoint.js";
export type { Endpoints } from "./endpoints/endpoint-list.js";
export { EmulatorError } from "./errors.js";
export type { EmulatorErrorCode } from "./errors.js";
export type { Emission, EmitOptions } from "./deliveries/fan-out.js";
export { faultKinds } from "./faults/assert-faults.js";
export type { Fault, FaultKind, RequestFault } from "./faults/faults.js";
export type { Deliveries } from "./deliveries/delivery-history.js";
export { lifecycle, lifecycles } from "./lifecycles/lifecycle.js";
export type { Lifecycle, LifecycleOptions } from "./lifecycles/lifecycle.js";
export type { EndpointOverride } from "./endpoints/endpoint-override.js";
export type { SavedEvents } from "./saved-events.js";
export type { EmulatorOptions } from "./options.js";
export type { Redirect } from "./transport/redirect.js";
export { maxAttempts, retryDelaySeconds } from "./contract.js";
export { seededRandom } from "./seeded-random.js";
