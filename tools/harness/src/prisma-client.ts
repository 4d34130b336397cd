import type { ITXClientDenyList, Types } from "@prisma/client/runtime/client";

/** A client as Prisma generates it, word for word where its types matter: with the model `Effect`. */
export interface PrismaClient {
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Types.Public.PrismaPromise<T>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Types.Public.PrismaPromise<number>;
  $transaction<P extends Types.Public.PrismaPromise<unknown>[]>(
    arg: [...P],
    options?: { maxWait?: number; timeout?: number; isolationLevel?: "Serializable" },
  ): Types.Utils.JsPromise<Types.Utils.UnwrapTuple<P>>;
  $transaction<R>(
    fn: (prisma: Omit<PrismaClient, ITXClientDenyList>) => Types.Utils.JsPromise<R>,
    options?: { maxWait?: number; timeout?: number; isolationLevel?: "Serializable" },
  ): Types.Utils.JsPromise<R>;
  $disconnect(): Types.Utils.JsPromise<void>;
  effect: { create(args: { data: { delivery: string } }): Types.Public.PrismaPromise<{ id: number }> };
}

/** The class of a generated client, for the adapter of a database. */
export type PrismaClientLike<Adapter> = new (options: { adapter: Adapter }) => PrismaClient;
