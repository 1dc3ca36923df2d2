// Durable no-op steps a second of DBOS: workflows of so many `DBOS.runStep` in sequence, run by
// this process; PostgreSQL keeps each.
//
//   dbos_bench.mjs STEPS RUNS ROUNDS DATABASE_URL        a line of numbers: the rates of the rounds
import { DBOS } from "@dbos-inc/dbos-sdk";
import { printRates } from "./rates.mjs";

const [steps, runs, rounds] = process.argv.slice(2, 5).map(Number);

const workflow = DBOS.registerWorkflow(
  async (count) => {
    for (let i = 0; i < count; ++i) await DBOS.runStep(async () => i, { name: `step-${i}` });
    return count;
  },
  { name: "steps" },
);

DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: process.argv[5],
  systemDatabasePoolSize: 40,
  runAdminServer: false,
  logLevel: "error",
});
await DBOS.launch();
await printRates(workflow, steps, runs, rounds);
await DBOS.shutdown();
process.exit(0);
