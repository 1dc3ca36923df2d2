// The authorization code flow, as openid-client and oauth4webapi carry it out, through the pages
// that a person sees; and what must come to nothing.
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { Browser } from "./upstream.mjs";

const callback = "https://app.example.org/callback";
const insecure = { [oauth.allowInsecureRequests]: true };

const unescape = (text) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) =>
    ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name],
  );

// The one form of a page: {action, fields}.
function formOf(html) {
  const action = /<form method="post" action="([^"]*)"/.exec(html)?.[1];
  assert.ok(action, html);
  const fields = new URLSearchParams();
  for (const [, name, value] of html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
    fields.set(name, unescape(value));
  }
  return { action, fields };
}

export async function codeFlow({ url, ask, root, server, verify, keys, jose }) {
  const password = process.env.WRIT_PASSWORD;
  async function register(body) {
    const made = await ask("POST", "/oauth/clients", root, body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body;
  }
  const scope = "openid email offline_access runs:read";
  const app = await register({ client_name: "Planner <b>", redirect_uris: [callback], scope });
  const phone = await register({
    client_name: "Phone",
    redirect_uris: ["http://127.0.0.1/back", "org.example.phone:/back"],
    scope,
    is_public: true,
  });
  const discover = (id, secret, auth) =>
    openid.discovery(new URL(url), id, secret, auth, { execute: [openid.allowInsecureRequests] });
  let config = await discover(app.client_id, app.client_secret);
  const phoneConfig = await discover(phone.client_id, undefined, openid.None());

  async function begin(of, more = {}) {
    const verifier = openid.randomPKCECodeVerifier();
    const trip = { verifier, state: openid.randomState(), nonce: openid.randomNonce() };
    trip.to = openid.buildAuthorizationUrl(of, {
      redirect_uri: callback,
      scope,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: trip.state,
      nonce: trip.nonce,
      ...more,
    });
    return trip;
  }
  const origin = { origin: url };
  async function post(browser, { action, fields }, more) {
    for (const [name, value] of Object.entries(more)) fields.set(name, value);
    return browser.open(url + action, { method: "POST", body: fields, headers: origin });
  }
  async function signIn(browser, to) {
    const page = await browser.open(to);
    assert.equal(page.status, 200);
    const form = formOf(await page.text());
    assert.equal(form.action, "/oauth/sign-in");
    const done = await post(browser, form, { username: "root@example.org", password });
    assert.equal(done.status, 303, await done.clone().text());
    return url + done.headers.get("location");
  }
  // Where the person's "yes" leads.
  async function allow(browser, to, decision = "allow") {
    const page = await browser.open(to);
    assert.equal(page.status, 200, page.headers.get("location"));
    const form = formOf(await page.text());
    assert.equal(form.action, "/oauth/authorize");
    const done = await post(browser, form, { decision });
    assert.equal(done.status, 303);
    return new URL(done.headers.get("location"));
  }
  const redeem = (of, back, trip, more) =>
    openid.authorizationCodeGrant(
      of,
      back,
      {
        pkceCodeVerifier: trip.verifier,
        expectedState: trip.state,
        expectedNonce: trip.nonce,
        idTokenExpected: true,
      },
      more,
    );
  const person = new Browser();
  async function whole(more) {
    const trip = await begin(config, more);
    let to = trip.to.href;
    const first = await person.open(to);
    if (first.status === 200 && (await first.text()).includes("/oauth/sign-in")) {
      to = await signIn(person, to);
    }
    const again = await person.open(to);
    const location = again.headers.get("location");
    const back = location ? new URL(location) : await allow(person, to);
    return { trip, back };
  }
  const refused = (promise, error) => assert.rejects(promise, { error });
  const unproved = (promise) => assert.rejects(promise, { status: 401 });
  let kept;

  return {
    "metadata say that there are codes": async () => {
      const metadata = config.serverMetadata();
      assert.equal(metadata.authorization_endpoint, `${url}/oauth/authorize`);
      assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
      assert.equal(metadata.authorization_response_iss_parameter_supported, true);
      assert.deepEqual(metadata.response_types_supported, ["code"]);
    },
    "openid-client: a person signs in, allows, and the client knows who it is": async () => {
      const trip = await begin(config);
      const page = await person.open(trip.to.href);
      const policy = page.headers.get("content-security-policy");
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
      assert.match(policy, /form-action 'self' https:\/\/app\.example\.org$/);
      assert.equal(page.headers.get("x-frame-options"), "DENY");
      const html = await page.text();
      assert.ok(html.includes("Planner &lt;b&gt;") && !html.includes("<b>"), html);
      const back = await allow(person, await signIn(person, trip.to.href));
      assert.equal(back.searchParams.get("iss"), url);
      const tokens = await redeem(config, back, trip);
      assert.equal(tokens.claims().nonce, trip.nonce);
      assert.equal(tokens.expires_in, 300);
      const { payload } = await verify(tokens.access_token);
      assert.equal(payload.client_id, app.client_id);
      const info = await openid.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.equal(info.email, "root@example.org");
      const id = await jose.jwtVerify(tokens.id_token, keys, {
        issuer: url,
        audience: app.client_id,
        algorithms: ["ES256"],
        typ: "JWT",
      });
      assert.ok(id.payload.at_hash && id.payload.auth_time);
      kept = tokens;
    },
    "what the client was given is for its scopes alone": async () => {
      assert.equal((await ask("GET", "/auth/sessions", kept.access_token)).status, 403);
      assert.equal((await ask("GET", "/oauth/clients", kept.access_token)).status, 403);
      assert.equal((await ask("GET", "/iam/service-accounts", kept.access_token)).status, 403);
      assert.equal((await ask("GET", "/writ/v1/runs", kept.access_token)).status, 200);
      const first = await ask("POST", "/auth/jwt/refresh", null, {
        refresh_token: kept.refresh_token,
      });
      assert.deepEqual(first.body, { detail: "REFRESH_BAD_TOKEN" });
      assert.equal((await ask("GET", "/users/me", kept.id_token)).status, 401);
    },
    "openid-client: refresh tokens rotate, and one that comes twice ends it all": async () => {
      const narrow = await openid.refreshTokenGrant(config, kept.refresh_token, {
        scope: "openid runs:read",
      });
      assert.equal(narrow.scope, "openid runs:read");
      await refused(
        openid.refreshTokenGrant(config, narrow.refresh_token, { scope: "iam:write" }),
        "invalid_scope",
      );
      const next = await openid.refreshTokenGrant(config, narrow.refresh_token);
      await refused(openid.refreshTokenGrant(config, kept.refresh_token), "invalid_grant");
      await refused(openid.refreshTokenGrant(config, next.refresh_token), "invalid_grant");
      assert.equal((await ask("GET", "/writ/v1/runs", next.access_token)).status, 401);
    },
    "what was allowed to a confidential client is not asked again": async () => {
      const trip = await begin(config, { prompt: "none" });
      const response = await person.open(trip.to.href);
      const back = new URL(response.headers.get("location"));
      const tokens = await redeem(config, back, trip);
      await openid.tokenRevocation(config, tokens.refresh_token);
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 401);
    },
    "oauth4webapi: a public client on a loopback port": async () => {
      const redirect = "http://127.0.0.1:49152/back";
      const trip = await begin(phoneConfig, { redirect_uri: redirect });
      const back = await allow(person, trip.to.href);
      assert.ok(back.href.startsWith(redirect));
      const client = { client_id: phone.client_id };
      const params = oauth.validateAuthResponse(server, client, back, trip.state);
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        oauth.None(),
        params,
        redirect,
        trip.verifier,
        insecure,
      );
      const got = await oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: trip.nonce,
        requireIdToken: true,
      });
      assert.ok(got.id_token && got.refresh_token);
      // Anybody can say to be it: it is asked each time.
      const again = await begin(phoneConfig, { redirect_uri: redirect, prompt: "none" });
      const said = new URL((await person.open(again.to.href)).headers.get("location"));
      assert.equal(said.searchParams.get("error"), "consent_required");
      assert.equal(said.searchParams.get("iss"), url);
    },
    "a token for another resource is of no use here": async () => {
      const { trip, back } = await whole({ resource: "urn:example:api" });
      const tokens = await redeem(config, back, trip, { resource: "urn:example:api" });
      await verify(tokens.access_token, { audience: "urn:example:api" });
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 401);
    },
    "a code is good once, and a second time ends what it gave": async () => {
      const { trip, back } = await whole();
      const tokens = await redeem(config, back, trip);
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 200);
      await refused(redeem(config, back, trip), "invalid_grant");
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 401);
      await refused(openid.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
    },
    "a code belongs to its verifier, its client and its redirect": async () => {
      const one = await whole();
      await refused(
        redeem(config, one.back, { ...one.trip, verifier: openid.randomPKCECodeVerifier() }),
        "invalid_grant",
      );
      await refused(redeem(config, one.back, one.trip), "invalid_grant"); // it is spent
      const two = await whole();
      await refused(redeem(phoneConfig, two.back, two.trip), "invalid_grant");
      const three = await whole();
      const other = new URL(three.back);
      other.pathname = "/other";
      await refused(redeem(config, other, three.trip), "invalid_grant");
      const wrong = await discover(app.client_id, "writ_client_" + "A".repeat(43));
      const four = await whole();
      await unproved(redeem(wrong, four.back, four.trip));
    },
    "nobody is sent where nobody registered": async () => {
      for (const redirect_uri of [
        "https://app.example.org/callback/",
        "https://app.example.org/callback?more",
        "https://app.example.org.evil.example/callback",
        "http://127.0.0.1:49152/back",
        "javascript:alert(1)",
      ]) {
        const trip = await begin(config, { redirect_uri });
        const response = await person.open(trip.to.href);
        assert.equal(response.status, 400, redirect_uri);
        assert.equal(response.headers.get("location"), null);
        const text = await response.text();
        assert.ok(!text.includes("<form") && !text.includes("evil"), text);
      }
    },
    "what is wrong with a request is said to its client": async () => {
      for (const [more, error] of [
        [{ code_challenge_method: "plain" }, "invalid_request"],
        [{ code_challenge: "" }, "invalid_request"],
        [{ response_type: "token" }, "unsupported_response_type"],
        [{ scope: "openid iam:write" }, "invalid_scope"],
        [{ resource: "https://elsewhere.example" }, "invalid_target"],
        [{ request: "x.y.z" }, "request_not_supported"],
      ]) {
        const trip = await begin(config, more);
        const location = (await person.open(trip.to.href)).headers.get("location");
        assert.ok(location, JSON.stringify(more));
        const back = new URL(location);
        assert.equal(back.searchParams.get("error"), error, location);
        assert.equal(back.searchParams.get("state"), trip.state);
      }
      const stranger = await begin(config, { prompt: "none" });
      const said = new URL((await new Browser().open(stranger.to.href)).headers.get("location"));
      assert.equal(said.searchParams.get("error"), "login_required");
    },
    "a decision counts from the page alone, and a no is a no": async () => {
      const trip = await begin(config, { prompt: "consent" });
      const page = await person.open(trip.to.href);
      const form = formOf(await page.text());
      const forged = new URLSearchParams(form.fields);
      forged.set("csrf", "guessed");
      const first = await post(person, { ...form, fields: forged }, { decision: "allow" });
      assert.equal(first.status, 200, "it is asked again");
      const foreign = await person.open(`${url}/oauth/authorize`, {
        method: "POST",
        body: new URLSearchParams([...form.fields, ["decision", "allow"]]),
        headers: { origin: "https://evil.example" },
      });
      assert.equal(foreign.status, 200);
      const back = await allow(person, trip.to.href, "deny");
      assert.equal(back.searchParams.get("error"), "access_denied");
    },
    "prompt=login and max_age ask who it is": async () => {
      for (const more of [{ prompt: "login" }, { max_age: "0" }]) {
        const trip = await begin(config, more);
        const page = await (await person.open(trip.to.href)).text();
        assert.equal(formOf(page).action, "/oauth/sign-in");
      }
      const trip = await begin(config);
      const form = formOf(await (await new Browser().open(trip.to.href)).text());
      const wrong = await post(new Browser(), form, { username: "root@example.org", password: "x" });
      assert.equal(wrong.status, 400);
      assert.match(await wrong.text(), /Address or password is wrong/);
    },
    "a person takes back what was allowed": async () => {
      const { trip, back } = await whole();
      const tokens = await redeem(config, back, trip);
      const { body } = await ask("GET", "/oauth/consents", root);
      assert.ok(body.items.some((one) => one.client_id === app.client_id));
      const path = `/oauth/consents/${app.client_id}`;
      assert.equal((await ask("DELETE", path, tokens.access_token)).status, 403);
      assert.equal((await ask("DELETE", path, root)).status, 204);
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 401);
      const again = await begin(config, { prompt: "none" });
      const said = new URL((await person.open(again.to.href)).headers.get("location"));
      assert.equal(said.searchParams.get("error"), "consent_required");
    },
    "a page of a public client reads what is for clients, and no other page does": async () => {
      const page = await register({
        client_name: "Page",
        redirect_uris: ["https://spa.example.org/back"],
        scope: "openid",
        is_public: true,
      });
      const from = async (origin, path, method = "GET") => {
        const headers = { origin, "access-control-request-method": "POST" };
        const response = await fetch(url + path, { method, headers });
        await response.text();
        assert.equal(response.headers.get("access-control-allow-credentials"), null);
        return response.headers.get("access-control-allow-origin");
      };
      const paths = ["/.well-known/openid-configuration", "/.well-known/jwks.json"];
      for (const path of paths) {
        assert.equal(await from("https://spa.example.org", path), "https://spa.example.org");
        assert.equal(await from("https://app.example.org", path), null, "one with a secret");
        assert.equal(await from("https://evil.example", path), null);
      }
      const spa = "https://spa.example.org";
      assert.equal(await from(spa, "/oauth/token", "OPTIONS"), spa);
      assert.equal(await from("https://evil.example", "/oauth/token", "OPTIONS"), null);
      assert.equal(await from(spa, "/users/me"), null);
      assert.equal((await ask("DELETE", `/oauth/clients/${page.client_id}`, root)).status, 204);
      assert.equal(await from(spa, paths[0]), null, "with the client goes its origin");
    },
    "a client is changed: two secrets for a while, fewer scopes at once": async () => {
      const path = `/oauth/clients/${app.client_id}`;
      const { trip, back } = await whole();
      const tokens = await redeem(config, back, trip);
      const { body: next } = await ask("POST", `${path}/secret`, root, { keep_former_seconds: 600 });
      const renewed = await discover(app.client_id, next.client_secret);
      const first = await openid.refreshTokenGrant(config, tokens.refresh_token);
      const second = await openid.refreshTokenGrant(renewed, first.refresh_token);
      assert.equal((await ask("DELETE", `${path}/secret`, root)).status, 204);
      await unproved(openid.refreshTokenGrant(config, second.refresh_token));
      const change = async (body, match) => {
        const response = await fetch(url + path, {
          method: "PATCH",
          headers: {
            authorization: `Bearer ${root}`,
            "content-type": "application/json",
            "if-match": match,
          },
          body: JSON.stringify(body),
        });
        return { status: response.status, etag: response.headers.get("etag") };
      };
      const { headers } = await ask("GET", path, root);
      const narrow = "openid offline_access";
      const changed = await change({ scope: narrow }, headers.get("etag"));
      assert.equal(changed.status, 200);
      assert.equal((await change({ scope }, headers.get("etag"))).status, 412);
      assert.equal((await ask("GET", "/writ/v1/runs", second.access_token)).status, 403);
      assert.equal((await openid.refreshTokenGrant(renewed, second.refresh_token)).scope, "offline_access openid");
      assert.equal((await change({ scope }, changed.etag)).status, 200);
      const { body: last } = await ask("POST", `${path}/secret`, root);
      config = await discover(app.client_id, last.client_secret);
    },
    "with the client ends what it was given": async () => {
      const { trip, back } = await whole();
      const tokens = await redeem(config, back, trip);
      const path = `/oauth/clients/${app.client_id}`;
      const { body } = await ask("POST", `${path}/secret`, root);
      await unproved(openid.refreshTokenGrant(config, tokens.refresh_token));
      const renewed = await discover(app.client_id, body.client_secret);
      assert.ok(await openid.refreshTokenGrant(renewed, tokens.refresh_token));
      assert.equal((await ask("DELETE", path, root)).status, 204);
      assert.equal((await ask("GET", "/writ/v1/runs", tokens.access_token)).status, 401);
      assert.equal((await person.open(trip.to.href)).status, 400);
    },
  };
}
