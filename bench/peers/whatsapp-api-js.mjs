// The webhook of whatsapp-api-js behind node:http, in as many workers as PEER_WORKERS says: verify, parse, callback, 200.
// Started by bench/race with whatsapp-api-js in NODE_MODULES and the app secret in PEER_SECRET.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { createRequire } from "node:module";

if (cluster.isPrimary) {
    for (let i = 0; i < Number(process.env.PEER_WORKERS); i++) {
        cluster.fork();
    }
    // so that their processor time counts as this process's
    process.on("SIGTERM", () => cluster.disconnect(() => process.exit()));
} else {
    const { WhatsAppAPI } = createRequire(process.env.PEER_MODULES)("whatsapp-api-js/middleware/node-http");
    const api = new WhatsAppAPI({ token: "bench-token", appSecret: process.env.PEER_SECRET });
    let messages = 0;
    api.on.message = () => {
        messages++;
    };
    createServer(async (request, response) => {
        response.statusCode = await api.handle_post(request);
        response.end();
    }).listen(Number(process.env.PEER_PORT), "127.0.0.1");
}
