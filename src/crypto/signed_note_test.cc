#include "crypto/signed_note.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace writ::crypto {
namespace {

// The known answer of the specification.
constexpr std::string_view kVkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kNote =
    "This is an example message.\n"
    "\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

SecretKey key_of(char seed) { return SecretKey::from_seed(std::string(32, seed)).value(); }

NoteKey note_key(std::string name, const Signer& signer, NoteKeyType type = NoteKeyType::ed25519) {
  return {std::move(name), signer.public_key(), type};
}

SignedNote signed_by(std::string text, std::string_view name, const Signer& signer) {
  SignedNote note{std::move(text), {}};
  EXPECT_TRUE(note.sign(name, signer));
  return note;
}

TEST(SignedNote, VerifiesTheExampleOfTheSpecification) {
  const auto key = NoteKey::parse_vkey(kVkey);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->name, "example.com/foo");
  EXPECT_EQ(key->id(), 0x530d903au);
  EXPECT_EQ(key->vkey(), kVkey);
  const auto note = SignedNote::parse(kNote);
  ASSERT_TRUE(note) << note.error().text();
  EXPECT_EQ(note->text, "This is an example message.\n");
  const NoteKey known[] = {*key};
  const auto verified = note->verify(known);
  ASSERT_TRUE(verified) << verified.error().text();
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ(verified->front().key, *key);
  EXPECT_FALSE(verified->front().cosigned_at);
}

TEST(SignedNote, FormatsExactlyWhatItParsed) {
  EXPECT_EQ(SignedNote::parse(kNote)->format(), kNote);
  const SignedNote note = signed_by("a\n\n\u2014 b\n\nc\n\n", "log", key_of('a'));
  const auto read = SignedNote::parse(note.format());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "a\n\n\u2014 b\n\nc\n\n") << "the last blank line ends the text";
  EXPECT_EQ(read->format(), note.format());
}

TEST(SignedNote, RefusesAChangedText) {
  const SecretKey key = key_of('a');
  SignedNote note = signed_by("size 7\n", "log", key);
  note.text = "size 8\n";
  const NoteKey known[] = {note_key("log", key)};
  const auto verified = note.verify(known);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Code::signature_bad);
}

TEST(SignedNote, IgnoresUnknownKeysEvenWithAKnownNameOrId) {
  const SecretKey log = key_of('a');
  SignedNote note = signed_by("text\n", "log", log);
  ASSERT_TRUE(note.sign("log", key_of('b')));  // the name of the known key
  note.signatures.push_back({"other", note.signatures[0].key_id, "junk"});  // its id
  const NoteKey known[] = {note_key("log", log)};
  const auto verified = note.verify(known);
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->size(), 1u);
}

TEST(SignedNote, RefusesTheNoteForOneBadSignatureOfAKnownKey) {
  const SecretKey log = key_of('a');
  const SecretKey witness = key_of('b');
  SignedNote note = signed_by("text\n", "log", log);
  ASSERT_TRUE(note.sign("witness", witness));
  note.signatures[1].bytes[5] = static_cast<char>(note.signatures[1].bytes[5] ^ 1);
  const NoteKey both[] = {note_key("log", log), note_key("witness", witness)};
  EXPECT_EQ(note.verify(both).error().code, Code::signature_bad);
  EXPECT_NE(note.verify(both).error().message.find("witness"), std::string::npos);
  EXPECT_EQ(note.verify(std::span(both).first(1))->size(), 1u) << "unknown, so ignored";
}

TEST(SignedNote, RefusesANoteThatNoKnownKeySigned) {
  const SignedNote note = signed_by("text\n", "log", key_of('a'));
  EXPECT_EQ(note.verify({}).error().code, Code::signature_bad);
  const NoteKey other[] = {note_key("log", key_of('b'))};
  EXPECT_EQ(note.verify(other).error().code, Code::signature_bad);
}

TEST(SignedNote, ReportsAKeyOnceThoughItSignedTwice) {
  const SecretKey log = key_of('a');
  SignedNote note = signed_by("text\n", "log", log);
  ASSERT_TRUE(note.sign("log", log));
  const NoteKey known[] = {note_key("log", log)};
  EXPECT_EQ(note.verify(known)->size(), 1u);
}

TEST(SignedNote, AcceptsManySignaturesUpToABound) {
  SignedNote note = signed_by("text\n", "log0", key_of('a'));
  std::vector<NoteKey> known{note_key("log0", key_of('a'))};
  for (int i = 1; i < 64; ++i) {
    known.push_back(note_key("log" + std::to_string(i), key_of('a')));
    ASSERT_TRUE(note.sign(known.back().name, key_of('a')));
  }
  const auto read = SignedNote::parse(note.format());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->verify(known)->size(), 64u);
  ASSERT_TRUE(note.sign("one-more", key_of('a')));
  EXPECT_EQ(SignedNote::parse(note.format()).error().code, Code::invalid_input);
}

TEST(SignedNote, CosignsTheTimeWithTheText) {
  const SecretKey witness = key_of('w');
  SignedNote note{"origin\n1\nroot\n", {}};
  ASSERT_TRUE(note.cosign("witness.example", witness, 1'700'000'000));
  EXPECT_EQ(note.signatures[0].bytes.size(), 72u);
  const NoteKey key = note_key("witness.example", witness, NoteKeyType::cosignature_v1);
  const auto verified = SignedNote::parse(note.format())->verify(std::span(&key, 1));
  ASSERT_TRUE(verified) << verified.error().text();
  EXPECT_EQ(verified->front().cosigned_at, 1'700'000'000u);
  EXPECT_EQ(NoteKey::parse_vkey(key.vkey()).value(), key);
  note.signatures[0].bytes[7] = static_cast<char>(note.signatures[0].bytes[7] ^ 1);
  EXPECT_EQ(note.verify(std::span(&key, 1)).error().code, Code::signature_bad);
}

TEST(SignedNote, RefusesACosignatureWithoutAPossibleTime) {
  SignedNote note{"text\n", {}};
  for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{1} << 63}) {
    EXPECT_EQ(note.cosign("w", key_of('w'), time).error().code, Code::invalid_input);
  }
  EXPECT_TRUE(note.signatures.empty());
}

TEST(SignedNote, RefusesToSignWhatCouldNotBeRead) {
  const SecretKey key = key_of('a');
  for (const char* text : {"no newline", "", "tab\t\n", "\xff\n"}) {
    SignedNote note{text, {}};
    EXPECT_EQ(note.sign("log", key).error().code, Code::invalid_input) << text;
  }
  for (const char* name : {"", "two words", "a+b", "a\u00a0b", "a\u3000b", "a\nb"}) {
    SignedNote note{"text\n", {}};
    EXPECT_EQ(note.sign(name, key).error().code, Code::invalid_input) << name;
  }
}

TEST(SignedNote, RefusesMalformedNotes) {
  const std::string line(kNote.substr(kNote.find("\u2014")));
  const std::string cases[] = {
      "",
      "\n",
      "text\n",
      "text\n\n",
      "text\n" + line,                               // no blank line
      "text\n\n" + line.substr(0, line.size() - 1),  // no newline at the end
      "text\n\n" + line.substr(4),                   // no dash
      "text\n\n- log AAAAAAAA\n",                    // another dash
      "text\n\n\u2014 log\n",                        // no signature
      "text\n\n\u2014  AAAAAAAA\n",                  // no name
      "text\n\n\u2014 log AAAAAA==\n",               // a key id only
      "text\n\n\u2014 log AAAAAAA_\n",               // the URL-safe alphabet
      "text\n\n\u2014 log AAAAAAB=\n",               // stray bits
      "te\rxt\n\n" + line,                           // control character
      "te\xc3\n\n" + line,                           // not UTF-8
      std::string(1u << 20, 'a') + "\n\n" + line,    // too large
  };
  for (const std::string& text : cases) {
    const auto note = SignedNote::parse(text);
    ASSERT_FALSE(note) << text.substr(0, 80);
    EXPECT_EQ(note.error().code, Code::invalid_input);
  }
}

TEST(SignedNote, RefusesVerifierKeysThatDoNotFitTogether) {
  const std::string key(kVkey.substr(kVkey.rfind('+') + 1));
  const std::pair<std::string, Code> cases[] = {
      {"", Code::invalid_input},
      {"example.com/foo", Code::invalid_input},
      {"example.com/foo+530d903a", Code::invalid_input},
      {"example.com/foo+530d903b+" + key, Code::invalid_input},
      {"example.com/foo+530D903A+" + key, Code::invalid_input},
      {"example.com/bar+530d903a+" + key, Code::invalid_input},
      {"+530d903a+" + key, Code::invalid_input},
      {"example.com/foo+530d903a+" + key.substr(0, 40), Code::invalid_input},
      {"example.com/foo+530d903a+Av8=", Code::unsupported},
      {std::string(600, 'a') + "+530d903a+" + key, Code::invalid_input},
  };
  for (const auto& [vkey, code] : cases) {
    const auto parsed = NoteKey::parse_vkey(vkey);
    ASSERT_FALSE(parsed) << vkey;
    EXPECT_EQ(parsed.error().code, code) << vkey;
  }
}

}  // namespace
}  // namespace writ::crypto
