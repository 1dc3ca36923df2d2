// Seconds that ajv takes for one event, JSON.parse included. Schema and event come in the
// environment; prints one number.
import Ajv2020 from "ajv/dist/2020.js";

const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(process.env.WRIT_BENCH_SCHEMA),
);
const event = Buffer.from(process.env.WRIT_BENCH_EVENT);
const calls = 1_000;
let best = Infinity;
for (let round = 0; round < 500; ++round) {
  const begin = process.hrtime.bigint();
  for (let i = 0; i < calls; ++i) {
    if (!validate(JSON.parse(event))) throw new Error("the event is valid");
  }
  best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1e9 / calls);
}
console.log(best);
