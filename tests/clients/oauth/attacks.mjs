// Tokens that must count neither for the server nor for a resource that verifies with jose. Each is
// made from one that counts.
import assert from "node:assert/strict";
import * as jose from "jose";
import * as openid from "openid-client";

const encode = (value) => jose.base64url.encode(JSON.stringify(value));

export function attacks({ url, config, keys, verify, ask }) {
  async function good() {
    const { access_token: token } = await openid.clientCredentialsGrant(config);
    return { token, header: jose.decodeProtectedHeader(token), claims: jose.decodeJwt(token) };
  }
  async function publishedKey() {
    return (await (await fetch(config.serverMetadata().jwks_uri)).json()).keys[0];
  }
  // A token of a key of the attacker's own.
  async function foreign(claims, header) {
    const { privateKey, publicKey } = await jose.generateKeyPair("ES256");
    const jwk = await jose.exportJWK(publicKey);
    return new jose.SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...header(jwk) })
      .sign(privateKey);
  }
  const unsigned = (alg) => async () => {
    const { header, claims } = await good();
    return `${encode({ ...header, alg })}.${encode(claims)}.`;
  };
  const changed = (change) => async () => {
    const { token, claims } = await good();
    const [head, , signature] = token.split(".");
    return `${head}.${encode({ ...claims, ...change })}.${signature}`;
  };
  const relabelled = (change) => async () => {
    const { token, header } = await good();
    const [, body, signature] = token.split(".");
    return `${encode({ ...header, ...change })}.${body}.${signature}`;
  };

  const forged = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg nOnE": unsigned("nOnE"),
    "HS256 with the published key": async () => {
      const { header, claims } = await good();
      const secret = new TextEncoder().encode(JSON.stringify(await publishedKey()));
      return new jose.SignJWT(claims)
        .setProtectedHeader({ ...header, alg: "HS256" })
        .sign(secret);
    },
    "another audience": changed({ aud: ["https://elsewhere.example"] }),
    "another issuer": changed({ iss: "https://elsewhere.example" }),
    "an end that was moved": changed({ exp: 4102444800 }),
    "an end that is over": changed({ exp: 1 }),
    "another type": relabelled({ typ: "JWT" }),
    "a kid that is a path": relabelled({ kid: "../../../../dev/null" }),
    "a kid that is nobody's": relabelled({ kid: "nobody" }),
    "a crit that nobody knows": relabelled({ crit: ["exp"] }),
    "another's key under our kid": async () => {
      const { header, claims } = await good();
      return foreign(claims, () => ({ kid: header.kid }));
    },
    "a key that the token brings itself": async () => {
      const { header, claims } = await good();
      return foreign(claims, (jwk) => ({ kid: header.kid, jwk }));
    },
    "a key set that the token points at": async () => {
      const { header, claims } = await good();
      return foreign(claims, () => ({ kid: header.kid, jku: `${url}/.well-known/jwks.json` }));
    },
    "a signature of zeros": async () => {
      const { token } = await good();
      return `${token.slice(0, token.lastIndexOf("."))}.${jose.base64url.encode(new Uint8Array(64))}`;
    },
    "two parts": async () => (await good()).token.split(".").slice(0, 2).join("."),
    "four parts": async () => `${(await good()).token}.x`,
    "an encrypted one": async () => {
      const { claims } = await good();
      return new jose.EncryptJWT(claims)
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .encrypt(new Uint8Array(32));
    },
  };

  const checks = {
    "what the attacks are made from counts": async () => {
      const { token } = await good();
      await verify(token);
      assert.equal((await ask("GET", "/iam/service-accounts", token)).status, 200);
    },
  };
  for (const [what, forge] of Object.entries(forged)) {
    checks[`refused: ${what}`] = async () => {
      const token = await forge();
      const answer = await ask("GET", "/iam/service-accounts", token);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get("www-authenticate"), /error="invalid_token"/);
      assert.deepEqual(await openid.tokenIntrospection(config, token), { active: false });
      await assert.rejects(verify(token), (error) => error instanceof jose.errors.JOSEError);
    };
  }
  return checks;
}
