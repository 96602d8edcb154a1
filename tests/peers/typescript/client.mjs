// A session of the TypeScript SDK client.
//
// Takes the server's URL, and a walk (see `peers.Walk`) on stdin; prints a summary.

import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const url = new URL(process.argv[2]);
const walk = JSON.parse(await text(process.stdin));
const seen = { progress: [], questions: [], notifications: [], grants: [] };

/** The SDK's OAuth provider, in memory; its "browser" reads the code from the redirect. */
class Credentials {
  redirectUrl = "http://127.0.0.1:8765/callback";
  clientMetadata = { client_name: "typescript", redirect_uris: [this.redirectUrl] };
  #kept = {};

  clientInformation = () => this.#kept.client;
  saveClientInformation = (client) => { this.#kept.client = client; };
  tokens = () => this.#kept.tokens;
  saveTokens = (tokens) => { this.#kept.tokens = tokens; };
  codeVerifier = () => this.#kept.verifier;
  saveCodeVerifier = (verifier) => { this.#kept.verifier = verifier; };
  state = () => crypto.randomUUID();

  async redirectToAuthorization(authorize) {
    const redirect = await fetch(authorize, { redirect: "manual" });
    const answer = new URL(redirect.headers.get("location")).searchParams;
    if (answer.get("state") !== authorize.searchParams.get("state")) throw new Error("wrong state");
    this.code = answer.get("code");
  }
}

const credentials = new Credentials();

/** Note what the server sends; the client's own handlers miss progress that comes with the answer. */
function watch({ method, params, result }) {
  if (method === "notifications/progress") seen.progress.push(params.progress);
  else if (method === "elicitation/create") seen.questions.push(params.message);
  else if (method) seen.notifications.push(method);
  else if (result?.protocolVersion) seen.protocol = result.protocolVersion;
}

function makeTransport() {
  const options = {
    authProvider: Object.keys(walk.headers).length ? undefined : credentials,
    requestInit: { headers: walk.headers },
    fetch(target, init) {
      const form = init?.body instanceof URLSearchParams ? init.body : undefined;
      if (form?.has("grant_type")) seen.grants.push(form.get("grant_type"));
      return fetch(target, init);
    },
  };
  const Transport = walk.transport === "sse" ? SSEClientTransport : StreamableHTTPClientTransport;
  return Object.assign(new Transport(url, options), { onmessage: watch });
}

function makeClient() {
  const client = new Client(
    { name: "typescript", version: "1" },
    { capabilities: { elicitation: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({
    action: "accept",
    content: { yes: true },
  }));
  return client;
}

/** Connect; the SDK refuses once after it has sent the user to the authorization server. */
async function connect() {
  const client = makeClient();
  const transport = makeTransport();
  try {
    await client.connect(transport);
    return client;
  } catch (error) {
    if (!(error instanceof UnauthorizedError) || seen.grants.length) throw error;
    await transport.finishAuth(credentials.code);
    return connect();
  }
}

const client = await connect();

async function call([name, args]) {
  const options = { onprogress: () => {} }; // asks for progress
  const result = await client.callTool({ name, arguments: args }, undefined, options);
  return result.content.map((block) => block.text).join("\n");
}

const tools = (await client.listTools()).tools.map((tool) => tool.name);
const results = [];
for (const step of walk.calls.slice(0, -1)) results.push(await call(step));
if (walk.refresh) await sleep((credentials.tokens().expires_in + 1) * 1000);
results.push(await call(walk.calls.at(-1)));
await client.close();
console.log(JSON.stringify({ ...seen, tools, results }));
