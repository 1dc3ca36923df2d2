// The same rule in a service of another language: a reading room, which asks a server of policies.
//
//     node service.js PORT POLICY_SERVER
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Json, WritClient } from "@writ/sdk";

const rule = "documents/authz/allow";
const [port = "8081", server = "http://127.0.0.1:8181"] = process.argv.slice(2);
const policies = new WritClient(server, { timeLimit: 1000 });

const documents = ["public", "internal", "secret"].map((level) => ({
  id: `${level}-contract`,
  owner: "ada",
  department: "legal",
  level,
  text: "A contract.",
}));

/** Who calls, and from where. A gateway in front of the service has checked it. */
function attributes(request: IncomingMessage): { subject: Json; environment: Json } {
  const field = (name: string) => String(request.headers[name] ?? "");
  return {
    subject: { id: field("x-user"), role: field("x-role"), department: field("x-department") },
    environment: { network: field("x-network"), hour: new Date().getUTCHours() },
  };
}

async function read(request: IncomingMessage): Promise<[number, Json]> {
  const id = request.url?.replace("/documents/", "");
  const document = documents.find((one) => one.id === id);
  if (request.method !== "GET" || document === undefined) return [404, { error: "not found" }];
  const { text, ...resource } = document;
  const verdict = await policies.verdict(rule, { ...attributes(request), action: "read", resource });
  if (verdict.isAllowed) return [200, { id: document.id, text }];
  console.error(`${String(request.headers["x-user"])} and ${document.id}: ${verdict.why}`);
  return verdict.reason === "error" ? [503, { error: "undecided" }] : [403, { error: "forbidden" }];
}

const listener = async (request: IncomingMessage, response: ServerResponse) => {
  const [status, body] = await read(request);
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
};

const listening = createServer((request, response) => void listener(request, response));
listening.listen(Number(port), "127.0.0.1", () => {
  const address = listening.address();
  console.log(`listening on http://127.0.0.1:${typeof address === "object" ? address?.port : port}`);
});
