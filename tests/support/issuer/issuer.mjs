// An issuer of OpenID Connect for tests. Over TLS it is as clients see it; a second port without TLS has its keys, for
// brokers, and what a test does to it: agrees or refuses in the place of a person, shortens tokens, moves its clock.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';

const settings = JSON.parse(fs.readFileSync(0, 'utf8'));
const { port, control, certificate, key, resource, secret } = settings;
const issuer = `https://127.0.0.1:${port}`;

let lifetime = 3600;
let skew = 0;
const realNow = Date.now.bind(Date);
Date.now = () => realNow() + skew * 1000;

// The same after it is started again, as brokers know them.
if (!fs.existsSync(settings.signing)) {
  const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  fs.writeFileSync(settings.signing, JSON.stringify(privateKey.export({ format: 'jwk' })), { mode: 0o600 });
}
const signing = JSON.parse(fs.readFileSync(settings.signing, 'utf8'));
const machine = (client_id) => ({
  client_id,
  client_secret: secret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});
const scope = 'kafka';
const { kty, n, e } = signing;
const keys = { keys: [{ kty, n, e, kid: 'test', use: 'sig', alg: 'RS256' }] };

// As another server would: by the keys, the issuer, the audience and the clock.
async function isGood(token) {
  try {
    await jwtVerify(token, createLocalJWKSet(keys), { issuer, audience: resource, currentDate: new Date(realNow()) });
    return true;
  } catch {
    return false;
  }
}

const provider = new Provider(issuer, {
  jwks: { keys: [{ ...signing, kid: 'test', use: 'sig', alg: 'RS256' }] },
  clients: [
    ...settings.machines.map(machine),
    {
      client_id: 'busctl-people',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes: ['openid', 'offline_access', scope],
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope, audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  // The principal of a client is its id; of a person the name.
  extraTokenClaims: (_, token) => ({ sub: token.accountId ?? token.clientId }),
  ttl: {
    AccessToken: () => lifetime,
    ClientCredentials: () => lifetime,
    DeviceCode: () => settings.deviceCodeLifetime ?? 600,
    RefreshToken: 86400,
    Grant: 86400,
  },
});
provider.on('server_error', (_, error) => console.error(error));
const callback = provider.callback();

// What the page of a code does once its person has logged in and agreed, or refused.
async function decide(userCode, account) {
  const code = await provider.DeviceCode.findByUserCode(userCode.replace(/[^A-Z0-9]/gi, '').toUpperCase(), { ignoreExpiration: true });
  if (!code) return 404;
  if (account === null) {
    code.error = 'access_denied';
    code.errorDescription = 'End-User aborted interaction';
    await code.save();
    return 204;
  }
  const grant = new provider.Grant({ accountId: account, clientId: code.clientId });
  grant.addOIDCScope('openid offline_access');
  grant.addResourceScope(resource, scope);
  const asked = code.params.scope ?? 'openid';
  Object.assign(code, { accountId: account, grantId: await grant.save(), scope: asked, resource, authTime: Math.floor(Date.now() / 1000) });
  await code.save();
  return 204;
}

http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  const value = (name) => url.searchParams.get(name);
  const end = (status) => { response.writeHead(status); response.end(); };
  switch (url.pathname) {
    case '/keys': {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(keys));
    }
    case '/agree': return end(await decide(value('code'), value('person')));
    case '/refuse': return end(await decide(value('code'), null));
    case '/check': return end((await isGood(value('token') ?? '')) ? 204 : 401);
    case '/lifetime': lifetime = Number(value('seconds')); return end(204);
    case '/clock': skew = Number(value('seconds')); return end(204);
    default: return end(404);
  }
}).listen(control, '127.0.0.1');

https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, callback)
  .listen(port, '127.0.0.1', () => console.log('ready'));
