// The real program on a port of its own, and servers that misbehave.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

const policy = `package app

allow if input.role == "chief"

strict := input.role == "chief"

torn := 1 if input.torn

torn := 2

echo := input

slow := count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b])

# METADATA
# scope: document
# compile:
#   unknowns: [input.documents]
readable if input.documents.owner == input.user

readable if input.role == "chief"
`;

/** `writ serve`; $WRIT says where the program is. */
export async function writ(): Promise<Running> {
  const binary = process.env["WRIT"];
  if (binary === undefined) throw new Error("WRIT must name the program");
  const directory = mkdtempSync(join(tmpdir(), "writ-sdk-"));
  writeFileSync(join(directory, "app.rego"), policy);
  const child = spawn(binary, ["serve", "--addr", "127.0.0.1:0", "app.rego"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  return {
    url: String(value).replace("listening on ", ""),
    stop: async () => {
      child.kill("SIGKILL");
      await gone;
      rmSync(directory, { recursive: true });
    },
  };
}

/** Its URL. It goes when the test ends, however it ends. */
export async function strange(test: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
