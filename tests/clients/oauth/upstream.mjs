// npm's oidc-provider as somebody who vouches for people, and a browser that goes there and back.
import http from "node:http";
import * as jose from "jose";
import Provider from "oidc-provider";

const secret = "upstream secret: it's 32 characters";

// `spoil`, set by a test, changes what the token endpoint answers. A `plain` one knows OAuth alone: no
// metadata, no id tokens, and an API of its own that says who somebody is.
export async function startUpstream({ port, alg, redirectUri, plain = false }) {
  const issuer = `http://127.0.0.1:${port}`;
  const pair = await jose.generateKeyPair(alg === "EdDSA" ? "Ed25519" : alg, { extractable: true });
  const jwk = { ...(await jose.exportJWK(pair.privateKey)), alg, use: "sig", kid: `${alg}-1` };
  const upstream = { issuer, alg, publicKey: pair.publicKey, person: null, spoil: null, asked: [] };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "writ",
        client_secret: secret,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        id_token_signed_response_alg: alg,
        ...(plain && { token_endpoint_auth_method: "client_secret_post" }),
      },
    ],
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256", "EdDSA"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    scopes: ["user:read"],
    pkce: { methods: ["S256"], required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["upstream"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, ...upstream.people?.[id] }),
    }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 60, Session: 600 },
  });
  // As those say it who have no OpenID Connect: a number, and their own names for the rest.
  async function whoIs(ctx) {
    const bearer = /^Bearer (.+)$/.exec(ctx.get("authorization"))?.[1];
    const token = bearer && (await provider.AccessToken.find(bearer));
    ctx.status = token ? 200 : 401;
    if (!token) return;
    const person = upstream.people[token.accountId];
    ctx.body = { id: person.number, login: token.accountId, ...person };
  }
  // Whoever comes is signed in, and consents.
  provider.use(async (ctx, next) => {
    upstream.asked.push(ctx.path);
    if (plain && ctx.path.startsWith("/.well-known/")) return void (ctx.status = 404);
    if (plain && ctx.path === "/api/user") return whoIs(ctx);
    if (!ctx.path.startsWith("/interaction/")) {
      await next();
      if (ctx.path === "/token" && ctx.status === 200 && upstream.spoil) {
        ctx.body = { ...ctx.body, id_token: await upstream.spoil(ctx.body.id_token) };
      }
      if (plain && ctx.path === "/token") delete ctx.body.id_token;
      return;
    }
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    let result = { login: { accountId: upstream.person } };
    if (prompt.name === "consent") {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope("openid email user:read");
      result = { consent: { grantId: await grant.save() } };
    }
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, result, {
      mergeWithLastSubmission: true,
    });
  });
  const server = http.createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  upstream.stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return upstream;
}

// Keeps cookies for each port, as browsers on one machine would for hosts.
export class Browser {
  #jars = new Map();

  jar(url) {
    const { host } = new URL(url);
    if (!this.#jars.has(host)) this.#jars.set(host, new Map());
    return this.#jars.get(host);
  }
  async open(url, options = {}) {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      ...options,
      headers: { ...options.headers, ...(cookie && { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    return response;
  }
  // From page to page up to the first address that begins with `end`, which is not opened.
  async follow(url, end) {
    for (let i = 0; i < 12; ++i) {
      if (url.startsWith(end)) return url;
      const response = await this.open(url);
      const next = response.headers.get("location");
      if (!next) throw new Error(`no way on from ${url}: ${response.status} ${await response.text()}`);
      url = new URL(next, url).href;
    }
    throw new Error(`no end of redirects: ${url}`);
  }
}
