declare module "koa-session" {
  import type { default as Application, Middleware } from "koa";
  export default function session(options: object, app: Application): Middleware;
}
declare module "koa-response-time" {
  import type { Middleware } from "koa";
  export default function responseTime(): Middleware;
}
declare module "koa-compress" {
  import type { Middleware } from "koa";
  export default function compress(options: object): Middleware;
}
declare module "koa-bodyparser" {
  import type { Middleware } from "koa";
  export default function bodyParser(): Middleware;
}
declare module "koa-helmet" {
  import type { Middleware } from "koa";
  export default function helmet(): Middleware;
}
