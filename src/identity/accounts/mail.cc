#include "identity/accounts/mail.h"

#include "base/file.h"
#include "base/id.h"

namespace writ::identity {

Result<void> OutboxMailer::send(const Letter& letter, std::stop_token) {
  WRIT_CHECK(make_directory(directory_, 0700));
  const std::string name = Uuid::v7(clock_, random_).text() + ".eml";
  return replace_file(directory_ / name,
                      "To: " + letter.to + "\nSubject: " + letter.subject + "\n\n" + letter.text,
                      0600);
}

}  // namespace writ::identity
