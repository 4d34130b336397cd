// These packages have no types, or those of another major version of the driver.
declare module "ioredis4" {
  export { Redis as default } from "ioredis";
}
declare module "ioredis-mock" {
  export { Redis as default } from "ioredis";
}
