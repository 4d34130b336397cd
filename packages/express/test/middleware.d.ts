declare module "express-session" {
  import type { RequestHandler } from "express";
  export default function session(options: object): RequestHandler;
}
declare module "response-time" {
  import type { RequestHandler } from "express";
  export default function responseTime(): RequestHandler;
}
declare module "connect-timeout" {
  import type { RequestHandler } from "express";
  export default function timeout(time: string): RequestHandler;
}
declare module "compression" {
  import type { RequestHandler } from "express";
  export default function compression(options: object): RequestHandler;
}
declare module "morgan" {
  import type { RequestHandler } from "express";
  export default function morgan(format: string, options: object): RequestHandler;
}
