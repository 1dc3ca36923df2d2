// What the client makes of servers that misbehave.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it, type TestContext } from "node:test";
import { WritClient } from "../src/index.js";
import { strange } from "./server.js";

const body = (test: TestContext, status: number, text: string) =>
  strange(test, (_, response) => response.writeHead(status).end(text));

it("answers are errors unless they are decisions", async (test) => {
  const cases = [
    [400, '{"code": "invalid_parameter", "message": "bad input"}', "invalid_input", "bad input"],
    [401, "", "not_permitted", "the server answered 401"],
    [403, "<html>", "not_permitted", "the server answered 403"],
    [404, "{}", "invalid_input", "the server answered 404"],
    [302, "", "invalid_input", "the server answered 302"],
    [500, '{"message": "broken"}', "internal", "broken"],
    [200, "[]", "internal", "the server's answer is no JSON object"],
    [200, '{"result": tr', "internal", "the server's answer is no JSON"],
  ] as const;
  for (const [status, text, code, message] of cases) {
    const server = await body(test, status, text);
    const client = new WritClient(server);
    await assert.rejects(client.decide("a/b", {}), { name: "WritError", code, message, status });
    assert.equal(await client.allowed("a/b", {}), false);
    }
});

it("a busy server is asked again, over connections that stay open", async (test) => {
  const statuses = [503, 429, 200];
  const sockets = new Set<unknown>();
  const seen: unknown[] = [];
  const server = await strange(test, (request, response) => {
    sockets.add(request.socket);
    seen.push([request.method, request.url, request.headers.authorization, request.headers["x-tenant"]]);
    request.resume().on("end", () => response.writeHead(statuses.shift() ?? 200).end('{"result": true}'));
  });
  const client = new WritClient(server, { token: "t", headers: { "X-Tenant": "eu" }, timeLimit: 20_000 });
  assert.equal(await client.allowed("a/b c", {}), true);
  assert.deepEqual(seen, Array(3).fill(["POST", "/v1/data/a/b%20c", "Bearer t", "eu"]));
  for (let i = 0; i < 20; ++i) assert.equal(await client.allowed("a/b", {}), true);
  // The pool may open another one while an answer is still being read.
  assert.ok(sockets.size <= 3, `${sockets.size} connections for 23 requests`);
});

it("a server that stays busy is given up", async (test) => {
  let asked = 0;
  const server = await strange(test, (_, response) => {
    ++asked;
    response.writeHead(503).end();
  });
  const client = new WritClient(server, { attempts: 2, timeLimit: 20_000 });
  await assert.rejects(client.decide("a/b", {}), { code: "unavailable", status: 503 });
  assert.equal(asked, 2);
});

it("a policy that fails is not asked again", async (test) => {
  let asked = 0;
  const server = await strange(test, (_, response) => {
    ++asked;
    response.writeHead(500).end('{"message": "failed", "errors": [{"code": "eval_conflict_error"}]}');
  });
  await assert.rejects(new WritClient(server).decide("a/b", {}), { code: "evaluation", message: "failed" });
  assert.equal(asked, 1);
});

it("silence ends with the time limit", async (test) => {
  const server = await strange(test, () => {});
  const client = new WritClient(server, { timeLimit: 30 });
  const verdict = await client.verdict("a/b", {});
  assert.equal(verdict.why, "a/b: timed_out: no answer within 30 ms");
});

it("nobody there is unavailable", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const verdict = await new WritClient(`http://127.0.0.1:${port}`).verdict("a/b", {});
  assert.equal(verdict.isAllowed, false);
  assert.equal(verdict.error?.code, "unavailable");
  assert.match(verdict.why, /ECONNREFUSED/);
});

it("a URL is one of http", () => {
  assert.throws(() => new WritClient("ftp://x"), { code: "invalid_input", message: "ftp://x is no URL of http or https" });
});
