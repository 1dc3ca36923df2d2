// Durable no-op steps a second of Restate: one service, run by this process, whose handler does so
// many `ctx.run` in sequence; the server journals each. Node 22 or newer.
//
//   restate_bench.mjs STEPS RUNS ROUNDS        a line of numbers: the rates of the rounds
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as restate from "@restatedev/restate-sdk";
import { printRates } from "./rates.mjs";

const [steps, runs, rounds] = process.argv.slice(2).map(Number);

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const service = restate.service({
  name: "Bench",
  handlers: {
    steps: async (ctx, count) => {
      for (let i = 0; i < count; ++i) await ctx.run(`step-${i}`, () => i);
      return count;
    },
  },
});

const place = mkdtempSync(join(tmpdir(), "restate-bench-"));
const [ingress, admin, node, worker] = [await freePort(), await freePort(), await freePort(), await freePort()];
const binary = fileURLToPath(
  new URL("./node_modules/@restatedev/restate-server-linux-x64/bin/restate-server", import.meta.url),
);
const server = spawn(binary, ["--base-dir", place, "--no-logo"], {
  stdio: "ignore",
  env: {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    RESTATE_DISABLE_TELEMETRY: "true",
    DO_NOT_TRACK: "1",
    RUST_LOG: "error",
  },
});
const end = (code) => {
  server.kill("SIGKILL");
  rmSync(place, { recursive: true, force: true });
  process.exit(code);
};
process.on("uncaughtException", (error) => {
  console.error(error);
  end(1);
});

const json = { "content-type": "application/json" };
const isUp = async () => {
  try {
    return (await fetch(`http://127.0.0.1:${admin}/health`)).ok;
  } catch {
    return false;
  }
};
for (let i = 0; !(await isUp()); ++i) {
  if (i === 300) throw new Error("restate-server did not come up");
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const handler = restate.createEndpointHandler({ services: [service] });
await new Promise((resolve) => http2.createServer(handler).listen(worker, "127.0.0.1", resolve));
const registered = await fetch(`http://127.0.0.1:${admin}/deployments`, {
  method: "POST",
  headers: json,
  body: JSON.stringify({ uri: `http://127.0.0.1:${worker}` }),
});
if (!registered.ok) throw new Error(await registered.text());

const run = async (count) => {
  const answer = await fetch(`http://127.0.0.1:${ingress}/Bench/steps`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(count),
  });
  return answer.json();
};
await printRates(run, steps, runs, rounds);
end(0);
