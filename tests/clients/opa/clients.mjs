// OPA's clients for JavaScript as their READMEs use them, against the server at argv[2].
import assert from "node:assert/strict";
import * as current from "@open-policy-agent/opa";
import * as former from "@styra/opa";

const url = process.argv[2];

async function walk(name, { OPAClient }) {
  const opa = new OPAClient(url);
  const checks = {
    "decides by the input": async () => {
      assert.equal(await opa.evaluate("authz/allow", { subject: "alice" }), true);
      assert.equal(await opa.evaluate("authz/allow", { subject: "eve" }), false);
    },
    "decides without an input": async () => {
      assert.equal(await opa.evaluate("authz/allow"), false);
    },
    "takes the default decision": async () => {
      assert.equal(await opa.evaluateDefault({ subject: "alice" }), "hello alice");
    },
    "gives documents, shaped by the caller": async () => {
      const fromResult = (r) => r.read;
      assert.deepEqual(await opa.evaluate("roles", {}, { fromResult }), ["admin", "auditor"]);
    },
    "takes objects that make their own input": async () => {
      class User {
        toInput() {
          return { subject: "alice" };
        }
      }
      assert.equal(await opa.evaluate("authz/allow", new User()), true);
    },
    "decides many inputs": async () => {
      const inputs = { a: { subject: "alice" }, e: { subject: "eve" } };
      const decided = await opa.evaluateBatch("authz/allow", inputs, { fallback: true });
      assert.deepEqual(decided, { a: true, e: false });
    },
    "learns what went wrong": async () => {
      await assert.rejects(opa.evaluate("authz/torn", { both: true }), (error) => {
        assert.equal(error.message, "error(s) occurred while evaluating query");
        assert.equal(error.code, "internal_error");
        return true;
      });
    },
  };
  for (const [what, check] of Object.entries(checks)) {
    await check();
    console.log(`${name} ${what}`);
  }
}

await walk("@open-policy-agent/opa", current);
await walk("@styra/opa", former);
