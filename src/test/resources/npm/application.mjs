// A small application on the SDK @kapso/whatsapp-cloud-api. It says on standard output, a line of JSON each, where it listens
// and what happens; the first line of its standard input is the base URL of the Cloud API.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const { ACCESS_TOKEN, APP_SECRET, PHONE_NUMBER_ID, SAM } = process.env;
const say = (event) => console.log(JSON.stringify(event));
let client;

async function answer(events) {
  for (const status of events.statuses) {
    say({ event: "status", id: status.id, status: status.status });
  }
  for (const message of events.messages) {
    say({ event: "message", id: message.id, from: message.from, text: message.text?.body });
    await client.messages.markRead({ phoneNumberId: PHONE_NUMBER_ID, messageId: message.id });
    const sent = await client.messages.sendText({
      phoneNumberId: PHONE_NUMBER_ID, to: "+" + message.from, body: "You said: " + message.text.body,
    });
    say({ event: "answered", id: sent.messages[0].id });
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const rawBody = Buffer.concat(chunks);
    const genuine = verifySignature({
      appSecret: APP_SECRET, rawBody, signatureHeader: request.headers["x-hub-signature-256"],
    });
    response.writeHead(genuine ? 200 : 401).end();
    if (!genuine) {
      say({ event: "refused" });
      return;
    }
    answer(normalizeWebhook(JSON.parse(rawBody))).catch((error) => say({ event: "failed", message: String(error) }));
  });
});

server.listen(0, "127.0.0.1", () => say({ event: "listening", port: server.address().port }));

createInterface({ input: process.stdin }).once("line", async (baseUrl) => {
  client = new WhatsAppClient({ baseUrl, accessToken: ACCESS_TOKEN, graphVersion: "v26.0" });
  try {
    const text = await client.messages.sendText({ phoneNumberId: PHONE_NUMBER_ID, to: "+" + SAM, body: "Hello from the SDK" });
    say({ event: "text", id: text.messages[0].id });
    const template = await client.messages.sendTemplate({
      phoneNumberId: PHONE_NUMBER_ID, to: "+" + SAM, template: { name: "order_shipped", language: { code: "en_US" } },
    });
    say({ event: "template", id: template.messages[0].id });
    await client.messages.sendText({ phoneNumberId: PHONE_NUMBER_ID, to: "+1999555131056", body: "too often" })
      .catch((error) => say({ event: "error", code: error.code, name: error.name, message: error.message }));
  } catch (error) {
    say({ event: "failed", message: String(error) });
  }
});
