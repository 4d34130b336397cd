import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { Transform, pipeline } from "node:stream";

/** A TCP proxy on a free port of this machine. */
export interface Proxy {
  port: number;
  close(): Promise<void>;
}

/** Options of {@link startProxy}. */
export interface ProxyOptions {
  /** Returns the ports behind the proxy, for each connection: they take turns, and one that refuses is skipped. */
  ports: () => readonly number[];
  /** Returns, for each chunk of a reply, whether to drop it and cut the connection. */
  cuts?: () => boolean;
}

/** Starts a proxy in front of several servers that can lose their replies. */
export async function startProxy({ ports, cuts = () => false }: ProxyOptions): Promise<Proxy> {
  let turn = 0;
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.once("close", () => clients.delete(client)).on("error", () => undefined);
    const candidates = ports();
    turn += 1;
    const inTurn = candidates.map((_, index) => candidates[(index + turn) % candidates.length] as number);
    connectToFirst(inTurn).then(
      (upstream) => {
        const replies = new Transform({
          transform: (chunk, _encoding, done) =>
            cuts() ? done(new Error("The reply is lost.")) : done(null, chunk),
        });
        pipeline(client, upstream, replies, client, () => undefined);
      },
      // Not resetAndDestroy(): if it fails, Node.js 20 waits forever for the socket when the process ends.
      () => client.destroy(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const client of clients) client.destroy();
      await once(server, "close");
    },
  };
}

async function connectToFirst(ports: readonly number[]): Promise<Socket> {
  for (const port of ports) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch {
      socket.destroy();
    }
  }
  throw new Error("No server accepts a connection.");
}
