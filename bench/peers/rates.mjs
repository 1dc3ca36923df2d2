// Durable steps a second in each of so many rounds, as a line of numbers. `run(steps)` does one run
// and resolves to the number of its steps.
export const printRates = async (run, steps, runs, rounds) => {
  const whole = async (count) => {
    if ((await run(count)) !== count) throw new Error("a run did not come to its end");
  };
  await whole(50); // to warm up
  const rates = [];
  for (let round = 0; round < rounds; ++round) {
    const begin = performance.now();
    await Promise.all(Array.from({ length: runs }, () => whole(steps)));
    rates.push((steps * runs * 1000) / (performance.now() - begin));
  }
  console.log(rates.map((rate) => rate.toFixed(1)).join(" "));
};
