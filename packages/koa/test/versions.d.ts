declare module "koa2" {
  export { default } from "koa";
}
declare module "koa-body-6" {
  export { koaBody } from "koa-body";
}
