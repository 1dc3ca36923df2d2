// Clients for OAuth and OpenID Connect as their manuals use them, against the server at argv[2].
import assert from "node:assert/strict";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { attacks } from "./attacks.mjs";
import { codeFlow } from "./code_flow.mjs";
import { signIns } from "./sign_ins.mjs";

const url = process.argv[2];
const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessToken = "urn:ietf:params:oauth:token-type:access_token";
const insecure = { [oauth.allowInsecureRequests]: true };

async function ask(method, path, token, body) {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

async function signIn(username) {
  const form = new URLSearchParams({ username, password: process.env.WRIT_PASSWORD });
  const response = await fetch(`${url}/auth/jwt/login`, { method: "POST", body: form });
  return (await response.json()).access_token;
}

// A program with a key: {id, key, keyId}.
async function program(root, kind, body, scopes) {
  const made = await ask("POST", `/iam/${kind}`, root, body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const key = await ask("POST", `/iam/${kind}/${made.body.id}/keys`, root, {
    purpose: "clients",
    scopes,
  });
  assert.equal(key.status, 201, JSON.stringify(key.body));
  return { id: made.body.id, key: key.body.key, keyId: key.body.id };
}

const root = await signIn("root@example.org");
const me = (await ask("GET", "/users/me", root)).body;
const job = await program(root, "service-accounts", { name: "job" }, ["iam:read", "runs:read"]);
const provider = (
  await ask("POST", "/iam/ai-providers", root, {
    name: "Models",
    kind: "openai",
    base_url: "https://api.example.org",
    credential: "sk-x",
  })
).body;
const helper = await program(
  root,
  "ai-agents",
  { name: "Helper", sponsor: me.id, provider: provider.id, model: "m", capabilities: ["read"] },
  ["runs:read"],
);

const config = await openid.discovery(
  new URL(url),
  job.id,
  job.key,
  openid.ClientSecretBasic(job.key),
  { execute: [openid.allowInsecureRequests] },
);
const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
const server = await oauth.processDiscoveryResponse(
  new URL(url),
  await oauth.discoveryRequest(new URL(url), { algorithm: "oauth2", ...insecure }),
);

async function verify(token, options) {
  return jose.jwtVerify(token, keys, {
    issuer: url,
    audience: url,
    typ: "at+jwt",
    algorithms: ["ES256"],
    ...options,
  });
}

async function exchange(client, subject, more = {}) {
  const response = await oauth.genericTokenEndpointRequest(
    server,
    { client_id: client.id },
    oauth.ClientSecretPost(client.key),
    exchangeGrant,
    { subject_token: subject, subject_token_type: accessToken, ...more },
    insecure,
  );
  return oauth.processGenericTokenEndpointResponse(server, { client_id: client.id }, response);
}

const checks = {
  "openid-client: client credentials, verified by jose": async () => {
    const got = await openid.clientCredentialsGrant(config, { scope: "runs:read" });
    assert.equal(got.scope, "runs:read");
    assert.equal(got.expires_in, 300);
    const { payload, protectedHeader } = await verify(got.access_token);
    assert.equal(payload.sub, job.id);
    assert.equal(payload.client_id, job.id);
    assert.equal(protectedHeader.alg, "ES256");
  },
  "openid-client: introspection and revocation": async () => {
    const { access_token: token } = await openid.clientCredentialsGrant(config);
    const before = await openid.tokenIntrospection(config, token);
    assert.equal(before.active, true);
    assert.equal(before.scope, "iam:read runs:read");
    assert.equal((await ask("GET", "/iam/service-accounts", token)).status, 200);
    await openid.tokenRevocation(config, token);
    assert.deepEqual(await openid.tokenIntrospection(config, token), { active: false });
    assert.equal((await ask("GET", "/iam/service-accounts", token)).status, 401);
  },
  "openid-client: what is refused has OAuth's words": async () => {
    await assert.rejects(openid.clientCredentialsGrant(config, { scope: "iam:write" }), (error) => {
      assert.equal(error.error, "invalid_scope");
      assert.match(error.error_description, /iam:write/);
      return true;
    });
  },
  "oauth4webapi: the resource leads to its authorization server": async () => {
    const refused = await ask("GET", "/users/me");
    assert.equal(refused.status, 401);
    const where = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate"))[1];
    assert.equal(where, `${url}/.well-known/oauth-protected-resource`);
    const resource = await oauth.processResourceDiscoveryResponse(
      new URL(url),
      await oauth.resourceDiscoveryRequest(new URL(url), insecure),
    );
    assert.deepEqual(resource.authorization_servers, [server.issuer]);
  },
  "oauth4webapi: a token for another resource": async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id: job.id },
      oauth.ClientSecretBasic(job.key),
      { resource: "urn:example:api" },
      insecure,
    );
    const got = await oauth.processClientCredentialsResponse(
      server,
      { client_id: job.id },
      response,
    );
    const { payload } = await verify(got.access_token, { audience: "urn:example:api" });
    assert.deepEqual(payload.aud, ["urn:example:api"]);
    await assert.rejects(verify(got.access_token), { claim: "aud" });
    assert.equal((await ask("GET", "/iam/service-accounts", got.access_token)).status, 401);
  },
  "oauth4webapi: token exchange keeps the chain and narrows": async () => {
    const one = await exchange(job, root, { scope: "runs:read" });
    assert.equal(one.issued_token_type, accessToken);
    const two = await exchange(helper, one.access_token);
    assert.equal(two.scope, "runs:read");
    const { payload } = await verify(two.access_token);
    assert.equal(payload.sub, me.id);
    assert.equal(payload.act.sub, helper.id);
    assert.equal(payload.act.act.sub, job.id);
    assert.equal((await ask("GET", "/users/me", two.access_token)).body.email, "root@example.org");
    await assert.rejects(exchange(helper, one.access_token, { scope: "iam:read" }), {
      error: "invalid_scope",
    });
    // jose and the server agree that a validated token is the resource's own.
    const request = new Request(`${url}/x`, {
      headers: { authorization: `Bearer ${two.access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(server, request, url, insecure);
    assert.equal(claims.client_id, helper.id);
  },
  "a chain ends where one of its links does": async () => {
    const session = await signIn("root@example.org");
    const one = await exchange(job, session, { scope: "runs:read" });
    const two = await exchange(helper, one.access_token);
    const active = async (token) => (await openid.tokenIntrospection(config, token)).active;
    assert.equal(await active(two.access_token), true);
    assert.equal((await ask("POST", `/iam/ai-agents/${helper.id}/disable`, root)).status, 200);
    assert.equal(await active(two.access_token), false);
    assert.equal(await active(one.access_token), true);
    assert.equal((await ask("POST", "/auth/jwt/logout", session)).status, 204);
    assert.equal(await active(one.access_token), false);
    assert.equal((await ask("GET", "/users/me", one.access_token)).status, 401);
  },
  ...attacks({ url, config, keys, verify, ask }),
  ...(await codeFlow({ url, ask, root, server, verify, keys, jose })),
  ...(await signIns({ url, ask, signIn })),
};

for (const [what, check] of Object.entries(checks)) {
  await check();
  console.log(what);
}
