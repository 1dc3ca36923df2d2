// Letters through a real mail server (Debian's python3-aiosmtpd): from a registration to the link
// that is opened, over TLS with a sign-in, and whatever happens to one of the two in between.
#include "people.h"

namespace writ::e2e {
namespace {

class MailTest : public PeopleTest {
 protected:
  // A certificate for localhost, and the words of the scripts:
  //
  //   mail_up SECURITY [PASSWORD]   the mail server listens at $port, the same one each time
  //   mail_down
  //   letters N                     waits until N have come, and prints how many there are
  //   settings SECURITY             .writ/settings.yaml for that server
  //   writ_up, writ_down [SIGNAL]   the server, at $url
  void SetUp() override {
    if (bash("/usr/bin/python3 -c 'import aiosmtpd' 2>&1 || true; command -v openssl >/dev/null "
             "|| echo none") != "") {
      GTEST_SKIP() << "skipped: the packages python3-aiosmtpd and openssl";
    }
    PeopleTest::SetUp();
    if (IsSkipped()) return;
    bash(
        "mkdir ../mail && cd ../mail && openssl req -x509 -newkey ec -pkeyopt "
        "ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null\n"
        "printf 'under the lamps 9\\n' > password");
  }

  std::string mailed(const std::string& script) const {
    return bash(std::string(kMail) + script + "\nmail_down");
  }

  static constexpr const char* kMail =
      R"sh(
writ=)sh" WRIT_BINARY R"sh(; port=0; mail=; server=; url=
trap 'kill -9 $mail $server 2>/dev/null || true' EXIT
rm -f ../mail/in ../mail/out ../mail/writ; mkfifo ../mail/in ../mail/out ../mail/writ
mail_up() {
  /usr/bin/python3 )sh" WRIT_SOURCE_DIR
      R"sh(/tests/e2e/mail_server.py $port $1 ../mail/box ../mail/cert.pem \
    ../mail/key.pem ${2:+"$2"} < ../mail/in > ../mail/out 2> ../mail/log & mail=$!
  exec 7> ../mail/in; read -r port < ../mail/out
}
mail_down() { [ -z "$mail" ] || { exec 7>&-; kill $mail 2>/dev/null || true; wait $mail || true; mail=; }; }
until_true() { local i; for i in $(seq 600); do "$@" && return; sleep 0.05; done; echo "never: $*"; }
have_come() { [ "$(ls ../mail/box/new 2>/dev/null | wc -l)" -ge $1 ]; }
letters() { until_true have_come $1; ls ../mail/box/new | wc -l; }
metrics() { curl -sS $url/metrics | grep -q "$1"; }
settings() {
  printf '%s\n' 'mail:' '  retry: 200ms' '  smtp:' '    host: localhost' "    port: $port" \
    "    security: $1" '    from: writ@example.org' > .writ/settings.yaml
  [ $1 = plain ] || printf '%s\n' '    user: writ' '    password_file: ../mail/password' \
    '    ca_file: ../mail/cert.pem' >> .writ/settings.yaml
}
writ_up() {
  $writ serve --addr 127.0.0.1:0 --check-answers > ../mail/writ 2>> server.log 7>&- & server=$!
  local line; read -r line < ../mail/writ; url=${line#listening on }
}
writ_down() { kill -${1:-TERM} $server; wait $server || true; server=; }
ask() { curl -sS -o /dev/null -w '%{http_code}\n' $url/auth/$1 -H 'Content-Type: application/json' -d "$2"; }
register() { ask register "{\"email\":\"$1\",\"password\":\"violet harbour 71 lamps\"}"; }
token() { sed -n 's/.*token=\([^\r]*\).*/\1/p' ../mail/box/new/*; }
events() { $writ ledger list --json | grep -o '"writ.letter[^"]*"' | sort | uniq -c | sed 's/^ *//'; }
)sh";
};

TEST_F(MailTest, ALinkComesThroughARealServerAndWorks) {
  for (const std::string security : {"starttls", "tls"}) {
    EXPECT_EQ(mailed("security=" + security + R"sh(
rm -rf ../mail/box
mail_up $security 'under the lamps 9'; settings $security; writ_up
register ada-$security@example.org
letters 1
grep -h -E '^(From|To|Subject):' ../mail/box/new/* | tr -d '\r'
ask verify "{\"token\":\"$(token)\"}"
ask verify "{\"token\":\"$(token)\"}"
until_true metrics 'writ_letters_total{outcome="sent"} 1'
writ_down
)sh"),
              "201\n1\nFrom: writ@example.org\nTo: ada-" + security +
                  "@example.org\nSubject: Confirm your e-mail address\n200\n400\n");
  }
}

TEST_F(MailTest, ALetterOutlivesBothServersAndComesOnce) {
  EXPECT_EQ(mailed(R"sh(
mail_up plain; settings plain; mail_down
writ_up
register ada@example.org
until_true grep -q 'letter.put_off' server.log
until_true metrics '^writ_letters_waiting 1'
writ_down KILL
mail_up plain; writ_up
letters 1
until_true metrics '^writ_letters_waiting 0'
letters 1
ask verify "{\"token\":\"$(token)\"}"
writ_down
events
)sh"),
            "201\n1\n1\n200\n1 \"writ.letter.sent\"\n");
}

TEST_F(MailTest, WhatTheServerRefusesForGoodIsGivenUpAndSaysNoAddress) {
  EXPECT_EQ(mailed(R"sh(
mail_up plain; settings plain; writ_up
register nobody@example.org
until_true metrics 'writ_letters_total{outcome="given_up"} 1'
until_true metrics '^writ_letters_waiting 0'
writ_down
events
grep -o '"message":"the mail server[^"]*"' server.log
grep -c nobody@example.org server.log || true
)sh"),
            "201\n1 \"writ.letter.abandoned\"\n"
            "\"message\":\"the mail server refused the recipient: 550 5.1.1\"\n0\n");
}

TEST_F(MailTest, TheDoctorLooksWhetherTheServerCanBeHad) {
  EXPECT_EQ(
      mailed(R"sh(
said() { $writ doctor | grep letters | sed "s/:$port/:PORT/"; }
said
mail_up starttls 'under the lamps 9'; settings starttls; said
sed -i /ca_file/d .writ/settings.yaml; said
settings starttls; printf wrong > ../mail/password; said
mail_down; said
mail_up plain; said
)sh"),
      "good     letters     become files: no mail server is set (mail.smtp.host)\n"
      "good     letters     the mail server localhost:PORT takes them\n"
      "bad      letters     the certificate of localhost:PORT is not trusted\n"
      "bad      letters     the mail server refused the user: 535 5.7.8\n"
      "bad      letters     connecting to the mail server localhost:PORT: Connection refused\n"
      "bad      letters     the mail server does not offer STARTTLS\n");
}

}  // namespace
}  // namespace writ::e2e
