// mqtt.js + better-sqlite3: drain a session into SQLite, one row a reading.
// node drain.mjs PORT CLIENT_ID TOPIC COUNT DATABASE safe|unsafe
// unsafe: acknowledged on receipt, committed every 5,000 messages. safe: each message committed (WAL,
// synchronous=NORMAL), then acknowledged.
import mqtt from "mqtt";
import Database from "better-sqlite3";

const [port, clientId, topic, count, path, mode] = process.argv.slice(2);
const wanted = Number(count);
const database = new Database(path);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
database.exec("CREATE TABLE reading (company, gateway, source, value, quality, occurred, received)");
const insert = database.prepare("INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?, ?)");
const put = (payload) => {
  const said = JSON.parse(payload);
  const occurred = Date.parse(said.occurred_at);
  const received = Date.now();
  for (const [source, value, offset, quality] of said.readings)
    insert.run(said.company_code, said.gateway_code, source, value, quality ?? "good", occurred + (offset ?? 0), received);
};
const putAll = database.transaction((payloads) => payloads.forEach(put));
let waiting = [];
let done = 0;
const begun = process.hrtime.bigint();
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId, clean: false, reconnectPeriod: 0 });
const flush = () => {
  if (waiting.length) putAll(waiting);
  done += waiting.length;
  waiting = [];
  if (done >= wanted) {
    console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - begun) / 1e9 }));
    client.end(true, () => process.exit(0));
  }
};
if (mode === "safe")
  client.handleMessage = (packet, acknowledge) => {
    waiting.push(packet.payload);
    flush();
    acknowledge();
  };
else
  client.on("message", (_topic, payload) => {
    waiting.push(payload);
    if (waiting.length >= 5000 || done + waiting.length >= wanted) flush();
  });
client.on("error", (error) => { console.error(error); process.exit(1); });
