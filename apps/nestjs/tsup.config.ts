import { appConfig } from "../../tools/repo/presets/tsup.ts";

export default appConfig([
  "@nestjs/(microservices|websockets)",
  "class-(transformer|validator)",
  "@fastify/(multipart|static|view)",
]);
