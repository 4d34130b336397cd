import { createLogger, openStorage, type Config, type Storage } from "@ahasend-webhooks/mail-desk";
import { Inject, Module, type OnApplicationShutdown } from "@nestjs/common";
import { ConfigService } from "@nestjs/config";

/** The token of the storage. */
export const STORAGE = Symbol("storage");

/** Opens the storage when the app starts, and closes it after the last delivery. */
@Module({
  providers: [
    {
      provide: STORAGE,
      inject: [ConfigService],
      useFactory: (config: ConfigService<{ app: Config }, true>) =>
        openStorage(config.get("app", { infer: true }), createLogger()),
    },
  ],
  exports: [STORAGE],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(@Inject(STORAGE) private readonly storage: Storage) {}

  async onApplicationShutdown(): Promise<void> {
    await this.storage.close();
  }
}
