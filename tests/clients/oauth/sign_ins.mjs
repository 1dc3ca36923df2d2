// Signing in to Writ with real providers of OpenID Connect, and what must sign nobody in.
import assert from "node:assert/strict";
import * as jose from "jose";
import { Browser, startUpstream } from "./upstream.mjs";

const encode = (value) => jose.base64url.encode(JSON.stringify(value));

export async function signIns({ url, ask, signIn }) {
  const ports = process.env.UPSTREAM_PORTS.split(" ");
  const algs = ["ES256", "RS256", "EdDSA"]; // of those that know OpenID Connect
  const names = ["first", "second", "third", "plain"];
  const upstreams = [];
  for (const [i, port] of ports.entries()) {
    const redirectUri = `${url}/auth/oauth/${names[i]}/callback`;
    const plain = names[i] === "plain";
    upstreams.push(await startUpstream({ port, alg: algs[i] ?? "ES256", redirectUri, plain }));
    upstreams[i].people = {
      bea: { email: `bea${i}@example.org`, email_verified: true, number: 4711 },
      root: { email: "root@example.org", email_verified: true },
      eve: { email: "victim@example.org", email_verified: false },
    };
  }
  const [first, second] = upstreams;

  // To the provider, and back to the callback that was not opened yet.
  async function away(browser, name, person, more = "") {
    const upstream = upstreams[names.indexOf(name)];
    upstream.person = person;
    const begun = await browser.open(`${url}/auth/oauth/${name}/authorize${more}`);
    assert.equal(begun.status, 200);
    const { authorization_url: to } = await begun.json();
    return browser.follow(to, `${url}/auth/oauth/`);
  }
  async function land(browser, callback) {
    const response = await browser.open(callback);
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text) };
  }
  async function codeOf(browser, callback) {
    const { status, body } = await land(browser, callback);
    return `${status} ${body.detail?.code ?? body.detail ?? Object.keys(body)}`;
  }
  const whois = async (token) => (await ask("GET", "/users/me", token)).body.email;

  const checks = {
    "providers are listed for a page that offers them": async () => {
      const { body } = await ask("GET", "/auth/providers");
      assert.deepEqual(body[0], { name: "first", title: "First" });
      assert.deepEqual(body.map((one) => one.name), names);
    },
  };
  for (const [i, alg] of algs.entries()) {
    checks[`oidc-provider: signed in by an id token of ${alg}`] = async () => {
      for (let times = 0; times < 2; ++times) {
        const browser = new Browser();
        const got = await land(browser, await away(browser, names[i], "bea"));
        assert.equal(got.status, 200, JSON.stringify(got.body));
        assert.equal(await whois(got.body.access_token), `bea${i}@example.org`);
      }
    };
  }

  Object.assign(checks, {
    "oidc-provider: a browser gets cookies and goes where it was headed": async () => {
      const browser = new Browser();
      const response = await browser.open(
        await away(browser, "first", "bea", "?transport=cookie&next=/docs"),
      );
      assert.equal(response.status, 303);
      assert.equal(response.headers.get("location"), "/docs");
      const me = await browser.open(`${url}/users/me`);
      assert.equal((await me.json()).email, "bea0@example.org");
    },
    "oidc-provider without metadata and id tokens: signed in by its own API": async () => {
      for (let times = 0; times < 2; ++times) {
        const browser = new Browser();
        const got = await land(browser, await away(browser, "plain", "bea"));
        assert.equal(got.status, 200, JSON.stringify(got.body));
        assert.equal(await whois(got.body.access_token), "bea3@example.org");
        const { body: all } = await ask("GET", "/auth/identities", got.body.access_token);
        assert.deepEqual(
          all.map(({ provider, issuer, subject }) => ({ provider, issuer, subject })),
          [{ provider: "plain", issuer: upstreams[3].issuer, subject: "4711" }],
        );
      }
      assert.ok(upstreams[3].asked.includes("/api/user"));
      assert.ok(!upstreams[3].asked.some((path) => path.startsWith("/.well-known/")));
      assert.ok(!upstreams[3].asked.includes("/jwks"));
    },
    "who is to prove it anew is asked by a provider that says so": async () => {
      const browser = new Browser();
      assert.equal((await land(browser, await away(browser, "first", "bea"))).status, 200);
      const asked = first.asked.filter((path) => path.startsWith("/interaction/")).length;
      const got = await land(browser, await away(browser, "first", "bea", "?again=true"));
      assert.equal(got.status, 200, JSON.stringify(got.body));
      const again = first.asked.filter((path) => path.startsWith("/interaction/")).length;
      assert.ok(again > asked, "the person was asked though signed in there");
    },
    "one that cannot say so is not enough, and the answer says what is": async () => {
      const browser = new Browser();
      const got = await land(browser, await away(browser, "plain", "bea", "?again=true"));
      assert.equal(got.status, 403);
      assert.equal(got.body.detail.code, "OAUTH_NOT_SIGNED_IN_ANEW");
      assert.match(got.body.detail.reason, /forgot-password/);
    },
    "an answer that came once is not taken again": async () => {
      const browser = new Browser();
      const callback = await away(browser, "first", "bea");
      assert.equal((await land(browser, callback)).status, 200);
      assert.equal(await codeOf(browser, callback), "400 OAUTH_INVALID_STATE");
    },
    "an answer is taken from the browser that left, with its state": async () => {
      const browser = new Browser();
      const callback = await away(browser, "first", "bea");
      const victim = new Browser();
      await away(victim, "first", "bea");
      assert.equal(await codeOf(victim, callback), "400 OAUTH_INVALID_STATE");
      const other = new URL(await away(browser, "first", "bea"));
      other.searchParams.set("state", "writ_state_" + "A".repeat(43));
      assert.equal(await codeOf(browser, other.href), "400 OAUTH_INVALID_STATE");
    },
    "a code of another provider is of no use (mix-up)": async () => {
      const browser = new Browser();
      const honest = new URL(await away(browser, "first", "bea"));
      const evil = new URL(await away(browser, "second", "bea"));
      // The other's whole answer at this provider's door.
      const moved = new URL(evil);
      moved.pathname = honest.pathname;
      assert.equal(await codeOf(browser, moved.href), "400 OAUTH_INVALID_STATE");
      // Its code and issuer under this one's state; then the code alone.
      const named = new URL(honest);
      named.searchParams.set("code", evil.searchParams.get("code"));
      named.searchParams.set("iss", second.issuer);
      assert.equal(await codeOf(browser, named.href), "400 OAUTH_BAD_ANSWER");
      const again = new URL(await away(browser, "first", "bea"));
      again.searchParams.set("code", evil.searchParams.get("code"));
      assert.equal(await codeOf(browser, again.href), "400 OAUTH_REFUSED");
    },
    "an address leads to no account of somebody else's": async () => {
      const browser = new Browser();
      const got = await codeOf(browser, await away(browser, "first", "root"));
      assert.equal(got, "400 OAUTH_USER_ALREADY_EXISTS");
    },
    "where the settings say so, a verified one leads to a verified one": async () => {
      const browser = new Browser();
      const got = await land(browser, await away(browser, "second", "root"));
      assert.equal(got.status, 200, JSON.stringify(got.body));
      assert.equal(await whois(got.body.access_token), "root@example.org");
    },
    "one that nobody verified makes an account that is not verified": async () => {
      const browser = new Browser();
      const got = await land(browser, await away(browser, "second", "eve"));
      const me = await ask("GET", "/users/me", got.body.access_token);
      assert.equal(me.body.email, "victim@example.org");
      assert.equal(me.body.is_verified, false);
    },
    "a signed-in person links an identity, and unlinks it": async () => {
      const token = await signIn("root@example.org");
      const browser = new Browser();
      first.person = "root";
      const begun = await browser.open(`${url}/auth/oauth/first/link`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
      });
      const { authorization_url: to } = await begun.json();
      const callback = await browser.follow(to, `${url}/auth/oauth/`);
      assert.equal((await land(browser, callback)).status, 204);
      const got = await land(browser, await away(browser, "first", "root"));
      assert.equal(await whois(got.body.access_token), "root@example.org");
      const { body: all } = await ask("GET", "/auth/identities", token);
      const [one] = all.filter((identity) => identity.issuer === first.issuer);
      assert.equal(one.subject, "root");
      assert.equal((await ask("DELETE", `/auth/identities/${one.id}`, token)).status, 204);
      const refused = await codeOf(browser, await away(browser, "first", "root"));
      assert.equal(refused, "400 OAUTH_USER_ALREADY_EXISTS");
    },
  });

  const claims = (change) => async (token) => {
    const [head, body] = token.split(".");
    const said = JSON.parse(new TextDecoder().decode(jose.base64url.decode(body)));
    return `${head}.${encode({ ...said, ...change })}.${token.split(".")[2]}`;
  };
  const spoiled = {
    "alg none": async (token) => `${encode({ alg: "none" })}.${token.split(".")[1]}.`,
    "HS256 with the published key": async (token) => {
      const jwk = await jose.exportJWK(first.publicKey);
      return new jose.SignJWT(jose.decodeJwt(token))
        .setProtectedHeader({ alg: "HS256", kid: `${first.alg}-1` })
        .sign(new TextEncoder().encode(JSON.stringify(jwk)));
    },
    "another's key under the provider's kid": async (token) => {
      const { privateKey } = await jose.generateKeyPair("ES256");
      return new jose.SignJWT(jose.decodeJwt(token))
        .setProtectedHeader({ alg: "ES256", kid: `${first.alg}-1` })
        .sign(privateKey);
    },
    "a kid that nobody has": async (token) => {
      const [, body, signature] = token.split(".");
      return `${encode({ alg: "ES256", kid: "../../jwks" })}.${body}.${signature}`;
    },
    "another nonce": claims({ nonce: "n" }),
    "another audience": claims({ aud: "somebody" }),
    "another issuer": claims({ iss: "https://elsewhere.example" }),
    "no token": async () => "",
  };
  for (const [what, spoil] of Object.entries(spoiled)) {
    checks[`signs nobody in: ${what}`] = async () => {
      const browser = new Browser();
      first.spoil = spoil;
      const got = await codeOf(browser, await away(browser, "first", "bea"));
      first.spoil = null;
      assert.equal(got, "400 OAUTH_BAD_ANSWER");
    };
  }
  checks["a token of one provider is not taken from another"] = async () => {
    const browser = new Browser();
    let stolen;
    second.spoil = async (token) => (stolen = token);
    await land(browser, await away(browser, "second", "bea"));
    second.spoil = null;
    first.spoil = async () => stolen;
    const got = await codeOf(browser, await away(browser, "first", "bea"));
    first.spoil = null;
    assert.equal(got, "400 OAUTH_BAD_ANSWER");
  };
  checks["a provider that is down says so, and the others go on"] = async () => {
    const browser = new Browser();
    const callback = await away(browser, "first", "bea");
    await first.stop();
    assert.equal(await codeOf(browser, callback), "503 OAUTH_PROVIDER_UNAVAILABLE");
    const got = await land(browser, await away(browser, "second", "bea"));
    assert.equal(got.status, 200);
    assert.ok(await signIn("root@example.org"));
  };
  checks["(the providers stop)"] = async () => {
    for (const one of upstreams.slice(1)) await one.stop();
  };
  return checks;
}
