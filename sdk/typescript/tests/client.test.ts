// The client against the real program.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { WritClient, WritError } from "../src/index.js";
import { type Running, writ } from "./server.js";

describe("a client of writ serve", () => {
  let server: Running;
  let client: WritClient;
  before(async () => {
    server = await writ();
    client = new WritClient(server.url + "/", { timeLimit: 20_000 });
  });
  after(() => server.stop());

  it("tells undefined, false and an error apart", async () => {
    assert.deepEqual(await client.decide("app/allow", { role: "chief" }), { result: true, id: "" });
    assert.deepEqual(await client.decide("app/allow", { role: "nurse" }), { result: undefined, id: "" });
    assert.equal((await client.decide<boolean>("app/strict", { role: "nurse" })).result, false);
    await assert.rejects(client.decide("app/torn", { torn: true }), (error) => {
      assert.ok(error instanceof WritError);
      assert.equal(error.code, "evaluation");
      assert.equal(error.opaCode, "internal_error");
      assert.equal(error.status, 500);
      assert.equal(error.problems[0]?.code, "eval_conflict_error");
      assert.equal(error.problems[0]?.file, "app.rego");
      return true;
    });
  });

  it("allows nothing but true, and says why", async () => {
    assert.equal(await client.allowed("app/allow", { role: "chief" }), true);
    assert.equal(await client.allowed("app/allow", { role: "nurse" }), false);
    assert.equal(await client.allowed("app/torn", { torn: true }), false);
    assert.equal(await client.allowed("app/echo", "true"), false);
    const why = async (path: string, input: object) => (await client.verdict(path, { ...input })).why;
    assert.equal(await why("app/allow", { role: "nurse" }), "app/allow is undefined");
    assert.equal(await why("app/strict", { role: "nurse" }), "app/strict is false");
    assert.equal(await why("app/echo", {}), "app/echo is neither true nor false");
    const torn = await client.verdict("app/torn", { torn: true });
    assert.equal(torn.reason, "error");
    assert.equal(torn.error?.code, "evaluation");
    assert.match(torn.why, /^app\/torn: evaluation: /);
  });

  it("takes and gives whatever JSON holds", async () => {
    const input = { list: [1, 2.5, "ü", null, false], deep: {} };
    assert.deepEqual((await client.decide("app/echo", input)).result, input);
    assert.equal((await client.decide("app/echo?pretty/a b#", {})).result, undefined);
    for (const path of ["", "/app", "app//allow", "app/../app/allow", "."]) {
      await assert.rejects(client.decide(path, {}), { name: "WritError", code: "invalid_input" });
    }
    const endless: { self?: unknown } = {};
    endless.self = endless;
    const verdict = await client.verdict("app/allow", endless as never);
    assert.equal(verdict.error?.code, "invalid_input");
  });

  it("decides a batch in its order, errors where they belong", async () => {
    const inputs = Array.from({ length: 40 }, (_, i) => ({ role: i % 2 ? "nurse" : "chief" }));
    const all = await client.batch<boolean>("app/strict", inputs);
    assert.deepEqual(
      all.map((one) => (one instanceof WritError ? one.code : one.result)),
      inputs.map(({ role }) => role === "chief"),
    );
    const torn = await client.batch("app/torn", [{}, { torn: true }]);
    assert.deepEqual(
      torn.map((one) => (one instanceof WritError ? one.code : one.result)),
      [2, "evaluation"],
    );
    assert.deepEqual(await client.batch("app/strict", []), []);
  });

  it("compiles a rule to the rows that it allows", async () => {
    const path = "app/readable";
    const nurse = { role: "nurse", user: "o'hara" };
    assert.deepEqual(await client.compile(path, nurse, { dialect: "sqlite" }), {
      rows: "some",
      query: "WHERE documents.owner = 'o''hara'",
    });
    const tables = { documents: { $self: "docs", owner: "owner_id" } };
    assert.deepEqual(await client.compile(path, nurse, { dialect: "sqlite", tables }), {
      rows: "some",
      query: "WHERE docs.owner_id = 'o''hara'",
    });
    for (const dialect of ["ucast", "ucast.prisma"]) {
      assert.deepEqual(await client.compile(path, nurse, { dialect }), {
        rows: "some",
        query: { type: "field", operator: "eq", field: "documents.owner", value: "o'hara" },
      });
    }
    const chief = { role: "chief", user: "ada" };
    assert.deepEqual(await client.compile(path, chief, { dialect: "postgresql" }), { rows: "all" });
    assert.deepEqual(await client.compile(path, chief, { dialect: "ucast" }), { rows: "all" });
    const nobody = { role: "nurse" };
    assert.deepEqual(await client.compile(path, nobody, { dialect: "mysql" }), { rows: "none" });
    await assert.rejects(client.compile(path, nurse, { dialect: "nosql" }), { code: "invalid_input" });
  });

  it("gives up in time and when it is told to", async () => {
    await assert.rejects(client.decide("app/slow", {}, { timeLimit: 1 }), {
      code: "timed_out",
      message: "no answer within 1 ms",
    });
    const stop = new AbortController();
    const asked = client.decide("app/slow", {}, { signal: stop.signal });
    stop.abort();
    await assert.rejects(asked, { code: "cancelled" });
    await assert.rejects(client.decide("app/echo", {}, { signal: stop.signal }), { code: "cancelled" });
  });
});
