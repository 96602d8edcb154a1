// Drives the TypeScript SDK, which is looked for from the folder that is the first argument, or
// from the working directory.
//
// It says on stdout, line by line as JSON, what comes next, and goes on when it is answered on
// stdin: {"step": …} is answered by an object, with "spoil" if the refresh token is to be replaced by
// one that was not issued; {"authorize": URL} by the query of the callback.

import { request } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "sdk.js"));
const { UnauthorizedError } = require("@modelcontextprotocol/sdk/client/auth.js");
const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
const {
  StreamableHTTPClientTransport,
} = require("@modelcontextprotocol/sdk/client/streamableHttp.js");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);

function said(line) {
  console.log(JSON.stringify(line));
  return heard();
}

const { url, callback, headers, calls } = await heard();
const relay = new URL(process.env.HTTP_PROXY);

/** Send by the relay as to any proxy; Node's own fetch would want a tunnel (CONNECT). */
async function sent(target, init) {
  const at = new URL(target);
  const { method, headers: asked, body, signal } = new Request(at, { ...init, duplex: "half" });
  const content = body ? Buffer.from(await new Response(body).arrayBuffer()) : undefined;
  const given = { ...Object.fromEntries(asked), host: at.host, "content-length": content?.length };
  if (!content) delete given["content-length"];
  return new Promise((resolved, rejected) => {
    const { hostname, port } = relay;
    const options = { hostname, port, path: at.href, method, headers: given, signal };
    const asking = request(options, (answer) => {
      const empty = [204, 205, 304].includes(answer.statusCode);
      if (empty) answer.resume();
      const { statusCode: status, headers: told } = answer;
      const pairs = Object.entries(told).flatMap(([k, v]) => [v].flat().map((each) => [k, each]));
      resolved(new Response(empty ? null : Readable.toWeb(answer), { status, headers: pairs }));
    });
    asking.on("error", rejected);
    asking.end(content);
  });
}

/** What the SDK keeps over sessions, in memory. */
const kept = {};
const provider = {
  redirectUrl: callback,
  clientMetadata: { client_name: "typescript", redirect_uris: [callback] },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  state: () => (kept.state = crypto.randomUUID()),
  invalidateCredentials(scope) {
    if (scope === "all" || scope === "client") delete kept.client;
    if (scope === "all" || scope === "tokens") delete kept.tokens;
  },
  async redirectToAuthorization(authorize) {
    const told = await said({ authorize: authorize.href });
    if (told.state !== kept.state) throw new Error("the state is another");
    kept.code = told.code;
  },
};

/** Have the server refuse a token, if there is one. */
function spoil(name) {
  const token = kept.tokens?.[name];
  if (token) kept.tokens = { ...kept.tokens, [name]: [...token].reverse().join("") };
}

/** As if the token were over: after a 401 the SDK refreshes. */
const late = () => spoil("access_token");

/** Do something that may send the user to the browser first; the SDK leaves the rest to us. */
async function admitted(transport, something) {
  try {
    return await something();
  } catch (error) {
    if (!(error instanceof UnauthorizedError) || !kept.code) throw error;
    await transport.finishAuth(kept.code);
    delete kept.code;
    return undefined;
  }
}

async function connect() {
  for (;;) {
    const client = new Client({ name: "typescript", version: "1" });
    const options = { authProvider: provider, fetch: sent, requestInit: { headers } };
    const transport = new StreamableHTTPClientTransport(new URL(url), options);
    if (await admitted(transport, async () => (await client.connect(transport)) ?? true)) {
      return { client, transport };
    }
  }
}

await said({ step: "connects" });
let { client, transport } = await connect();
const { tools } = await client.listTools();
const callable = (tool) => tool.name in calls || !tool.inputSchema.required?.length;
const { name } = tools.find(callable) ?? tools[0];
const call = () => client.callTool({ name, arguments: calls[name] ?? {} });
await call();

late();
await said({ step: "refreshes" });
await call();

late();
if ((await said({ step: "asks again" })).spoil) spoil("refresh_token");
await admitted(transport, call).catch(() => {}); // the session has ended with the grant
await client.close();
({ client, transport } = await connect());
await call();
await client.close();

await said({ step: "comes back" });
({ client, transport } = await connect());
await call();
await client.close();
process.exit(0);
