// Checks a second that casbin makes over the policies of access_bench.cc: "policies kind rate" a
// line.
import { newEnforcer, newModelFromString } from "casbin";

const model = () =>
  newModelFromString(`
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
`);

for (const policies of [1_000, 10_000]) {
  const users = Math.min(10 * policies, 100_000);
  const enforcer = await newEnforcer(model());
  await enforcer.addPolicies(
    Array.from({ length: policies }, (_, i) => [`group_${i}`, `data_${Math.floor(i / 10)}`, "read"]),
  );
  await enforcer.addGroupingPolicies(
    Array.from({ length: users }, (_, i) => [`user_${i}`, `group_${Math.floor((i * policies) / users)}`]),
  );
  const user = users / 2;
  const object = `data_${Math.floor(Math.floor((user * policies) / users) / 10)}`;
  for (const [kind, action] of [["permit", "read"], ["deny", "write"]]) {
    const begin = process.hrtime.bigint();
    let calls = 0;
    let spent = 0;
    while (spent < 2) {
      if ((await enforcer.enforce(`user_${user}`, object, action)) !== (kind === "permit")) {
        throw new Error("the answer is wrong");
      }
      ++calls;
      spent = Number(process.hrtime.bigint() - begin) / 1e9;
    }
    console.log(policies, kind, calls / spent);
  }
}
