#include "server/iam/iam_operations.h"

#include <memory>

#include "server/iam/key_keeper.h"

namespace writ::server {

std::vector<Binding> iam_operations(const IamServices& services) {
  std::vector<Binding> out = key_operations(services);
  // The keeper lives as long as the operations that make work for it.
  const auto keeper = std::make_shared<KeyKeeper>(services);
  for (Binding& one : out) {
    const auto work = std::get<Operation>(one.function);
    one.function = Operation([work, keeper](const Call& call) { return work(call); });
  }
  for (auto&& part :
       {machine_operations(services), provider_operations(services), graph_operations(services)}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace writ::server
