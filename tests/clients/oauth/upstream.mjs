// npm's oidc-provider as somebody who vouches for people, and a browser that goes there and back.
import http from "node:http";
import * as jose from "jose";
import Provider from "oidc-provider";

const secret = "upstream secret: it's 32 characters";

// `spoil`, set by a test, changes what the token endpoint answers.
export async function startUpstream({ port, alg, redirectUri }) {
  const issuer = `http://127.0.0.1:${port}`;
  const pair = await jose.generateKeyPair(alg === "EdDSA" ? "Ed25519" : alg, { extractable: true });
  const jwk = { ...(await jose.exportJWK(pair.privateKey)), alg, use: "sig", kid: `${alg}-1` };
  const upstream = { issuer, alg, publicKey: pair.publicKey, person: null, spoil: null };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "writ",
        client_secret: secret,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        id_token_signed_response_alg: alg,
      },
    ],
    jwks: { keys: [jwk] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256", "RS256", "EdDSA"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
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
  // Whoever comes is signed in, and consents.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith("/interaction/")) {
      await next();
      if (ctx.path === "/token" && ctx.status === 200 && upstream.spoil) {
        ctx.body = { ...ctx.body, id_token: await upstream.spoil(ctx.body.id_token) };
      }
      return;
    }
    const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
    let result = { login: { accountId: upstream.person } };
    if (prompt.name === "consent") {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope("openid email");
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
