/**
 * Wraps a transaction so that it cannot be used when it has ended: the library would send the query on a connection that may
 * belong to another delivery by then.
 */
export function guardEnded<Tx extends object>(tx: Tx, hasEnded: () => boolean): Tx {
  const assertOpen = () => {
    if (!hasEnded()) return;
    throw new Error("The transaction of this delivery has ended: await every query in the handler.");
  };
  return new Proxy(tx, {
    apply(target, thisArgument, args) {
      assertOpen();
      return Reflect.apply(target as never, thisArgument, args);
    },
    get(target, property, receiver) {
      assertOpen();
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
}
